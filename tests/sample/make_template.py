"""Make the report template: `python -m tests.sample.make_template [--inputs DIR]`.

Its words are in report_template.txt, its look in template_parts/ (GB/T 9704-2012: A4, 22 lines of 28 characters, text
in 仿宋 三号, headings in 黑体 and 楷体, page numbers outside). The same bytes come out every time.
"""

import argparse
import io
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

HERE = Path(__file__).parent
WORDS = HERE / "report_template.txt"
PARTS = HERE / "template_parts"
TEMPLATE = "年度工作总结模板.docx"
INPUTS = HERE.parents[1] / "inputs"
STYLES = {"#": "Title", "##": "Heading1", "###": "Heading2", ">": "Signature", ">>": "Date", "=": "Caption"}

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_RELATED = {"styles.xml": "styles", "settings.xml": "settings", "fontTable.xml": "fontTable",
            "footer_odd.xml": "footer", "footer_even.xml": "footer"}  # fmt: skip
# Millimetres in twentieths of a point: margins 37, 26, 35 and 28; the footer's dash comes 7 mm below the text.
# 28 characters of 16 pt are wider than 156 mm: the styles set them a quarter point closer, which every program obeys.
_SECTION = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="1440" w:gutter="0"/>'
    '<w:docGrid w:type="lines" w:linePitch="579"/></w:sectPr>'
)


def paragraphs(text: str) -> list[tuple[str, str]]:
    """The words as (style, paragraph); '' is body text."""
    found = []
    for line in text.splitlines():
        mark, _, rest = line.partition(" ")
        if line.strip() and not line.startswith("//"):
            found.append((STYLES[mark], rest.strip()) if mark in STYLES else ("", line.strip()))
    return found


def template_bytes(words: list[tuple[str, str]]) -> bytes:
    """A .docx of these paragraphs."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships({"word/document.xml": "officeDocument"}),
        "word/document.xml": _document(words),
        "word/_rels/document.xml.rels": _relationships(_RELATED),
    }
    for name in _RELATED:
        parts[f"word/{name}"] = (PARTS / name).read_text(encoding="utf-8")
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            info = ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.external_attr, info.create_system = 0o600 << 16, 3
            archive.writestr(info, content.encode(), ZIP_DEFLATED, 6)
    return buffer.getvalue()


def make_template(inputs: Path) -> Path:
    """Write the template under `inputs`."""
    path = inputs / TEMPLATE
    path.write_bytes(template_bytes(paragraphs(WORDS.read_text(encoding="utf-8"))))
    return path


def _document(words: list[tuple[str, str]]) -> str:
    body = "".join(
        f"<w:p>{f'<w:pPr><w:pStyle w:val={chr(34)}{style}{chr(34)}/></w:pPr>' if style else ''}"
        f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for style, text in words
    )
    return f'{_HEAD}<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body>{body}{_SECTION}</w:body></w:document>'


def _content_types() -> str:
    kinds = {"document.xml": "document.main"} | {name: kind for name, kind in _RELATED.items()}
    overrides = "".join(
        f'<Override PartName="/word/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{overrides}</Types>'


def _relationships(targets: dict[str, str]) -> str:
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'


def main() -> None:
    """Write the template and say where."""
    parser = argparse.ArgumentParser(description="生成示例镇的年度工作总结模板。")
    parser.add_argument("--inputs", type=Path, default=INPUTS, metavar="DIR", help="写到哪个文件夹，默认 inputs")
    print(f"已写入：{make_template(parser.parse_args().inputs)}")


if __name__ == "__main__":
    main()
