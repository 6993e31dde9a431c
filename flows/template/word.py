"""A Word template: its paragraphs as text, and the same file with its slots filled; all else stays as it is."""

import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml import etree

from flows.files import ZIP_FAULTS
from flows.template.compose import Line
from flows.template.word_charts import first_free, shown, with_charts
from flows.template.word_comments import with_comments
from flows.template.word_foreign import refuse_foreign
from flows.template.word_parts import without
from flows.template.word_runs import Element, Place, notice, rewrite, take_out, underlined
from schemas.errors import InputError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BODY = "document.main+xml"
_TEXTUAL = (_BODY, "header+xml", "footer+xml", "footnotes+xml", "endnotes+xml")
_SYMBOL = f"{_W}sym"
_CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"
_NUMBERED = {"wingdings": 0x80, "wingdings 2": 0x69}
"""Symbol fonts with numbers in circles, and where these begin."""
_PICTURE = "☐"
_HEXADECIMAL = re.compile("[0-9A-Fa-f]+")
_NUMBERING_FIELDS = ("PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF", "TOC")
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_TEXTS = (f"{_W}t", f"{_M}t")
_RUNS = (f"{_W}r", f"{_M}r")
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_FIXED_TIME = (2000, 1, 1, 0, 0, 0)
"""Of every part: the same report is then the same bytes, whenever it is written."""
_LARGEST = 60_000_000
"""Bytes of all parts unpacked, as of a workbook (flows.reading.guard); the sample's template has 32,000."""


@dataclass
class Paragraph:
    """A paragraph: its text, and which `w:t` or `m:t` (None for a sign of its own) each character stands in.

    `cell` is (table, row, cell) of the outermost table; `kind` is title, a level 1 to 3 or ''; `align` is Word's.
    """

    element: Element
    text: str
    places: list[Place] = field(repr=False, default_factory=list)
    cell: tuple[int, int, int] | None = None
    kind: str = ""
    align: str = ""

    @cached_property
    def underlined(self) -> tuple[tuple[int, int], ...]:
        """Stretches of underlined spaces: a line to write on."""
        return tuple(underlined(self.text, self.places))


@dataclass
class Story:
    """One part of the document that holds text: the body, a header, a footer, the notes."""

    name: str
    root: Element
    is_body: bool
    paragraphs: list[Paragraph]

    @property
    def where(self) -> str:
        """What the part is called, before a paragraph's number; '' for the body."""
        named = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注"}
        return "" if self.is_body else next((word for part, word in named.items() if part in self.name), "注释")


class Template:
    """A .docx read whole, or the bytes of one. Raises InputError in one line for what Word would not open either."""

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.path = path
        self._parts = _parts(path, data)
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            refuse_foreign(path, self._parts, self._parser)
            self.stories = [self._story(name, kind) for name, kind in self._textual()]
        except (etree.XMLSyntaxError, KeyError) as error:
            raise InputError(f"{path}：不是完好的 Word 文档（{error}）") from None
        if not any(story.is_body for story in self.stories):
            raise InputError(f"{path}：不是 .docx，请用 Word 或 WPS 另存为 .docx")

    @property
    def is_tracked(self) -> bool:
        """Whether it has tracked changes: its text is what stands when all of them are accepted."""
        changes = (f"{_W}{tag}" for tag in ("ins", "del", "moveFrom", "moveTo"))
        return next(self.body.root.iter(*changes), None) is not None

    @property
    def body(self) -> Story:
        """The main text."""
        return next(story for story in self.stories if story.is_body)

    def put(self, story: Story, lines: Sequence[Line]) -> None:
        """Write finished lines into a story's paragraphs, one line to a paragraph, and take out those not kept."""
        for paragraph, line in zip(story.paragraphs, lines, strict=True):
            rewrite(paragraph.places, line)
        for paragraph, line in zip(story.paragraphs, lines, strict=True):
            if not line.kept:
                take_out(paragraph.element)

    def put_notice(self, sentences: Sequence[str]) -> None:
        """Put marked paragraphs before everything else: what keeps this from being final."""
        body = self.body.root.find(f"{_W}body")
        assert body is not None
        for sentence in reversed(sentences):
            body.insert(0, notice(sentence))

    def draw(self, charts: Sequence[tuple[Element, bytes, str, float]], wide: float) -> None:
        """Put charts into the body, each over its paragraph: chart part, words for it, centimetres high."""
        first = first_free(self._parts, self.body.root)
        for number, (paragraph, _, alt, tall) in enumerate(charts, start=first):
            paragraph.addprevious(shown(number, alt, wide, tall))
        if charts:
            self._parts = with_charts(self._parts, self.body.name, [part for _, part, _, _ in charts], first)

    def forget(self, relations: Collection[str]) -> None:
        """Drop those relations of the body by which it shows nothing any more, and the parts that only they led to."""
        kept = {value for node in self.body.root.iter() for value in node.attrib.values()}
        self._parts = without(self._parts, self.body.name, set(relations) - kept)

    def packed(self) -> bytes:
        """The document as it is now; the same parts give the same bytes."""
        changed = {story.name: story.root.getroottree() for story in self.stories}
        buffer = io.BytesIO()
        with ZipFile(buffer, "w") as archive:
            for name, data in self._parts.items():
                if name in changed:
                    data = etree.tostring(changed[name], xml_declaration=True, encoding="UTF-8", standalone=True)
                info = ZipInfo(name, _FIXED_TIME)
                info.external_attr, info.create_system = 0o600 << 16, 3
                archive.writestr(info, data, ZIP_DEFLATED, 6)
        return buffer.getvalue()

    def comment(self, said: Sequence[str]) -> None:
        """Give the document comments that runs of it are anchored to, numbered from 0."""
        self._parts = with_comments(self._parts, self.body.name, said)

    def _textual(self) -> Iterator[tuple[str, str]]:
        types = etree.fromstring(self._parts["[Content_Types].xml"], self._parser)
        for override in types.iterfind("{*}Override"):
            kind = override.get("ContentType") or ""
            name = (override.get("PartName") or "").lstrip("/")
            if kind.endswith(_TEXTUAL) and name in self._parts:
                yield name, kind

    def _story(self, name: str, kind: str) -> Story:
        root = etree.fromstring(self._parts[name], self._parser)
        tables = {table: number for number, table in enumerate(root.iter(f"{_W}tbl"))}
        paragraphs = [self._paragraph(element, tables) for element in root.iter(f"{_W}p")]
        return Story(name, root, kind.endswith(_BODY), paragraphs)

    def _paragraph(self, element: Element, tables: dict[Element, int]) -> Paragraph:
        places = list(_places(element))
        text = "".join((node.text or "")[at] if node is not None else chr(at) for node, at in places)
        properties = element.find(f"{_W}pPr")
        style = _value(properties, "pStyle")
        kind, align = self._styles.get(style, ("", ""))
        level = _value(properties, "outlineLvl")
        kind = str(int(level) + 1) if level in ("0", "1", "2") else kind
        return Paragraph(element, text, places, _cell(element, tables), kind, _value(properties, "jc") or align)

    @cached_property
    def _styles(self) -> dict[str, tuple[str, str]]:
        """What each paragraph style is: title or heading level, and how it is aligned."""
        name = next((name for name in self._parts if name.endswith("/styles.xml")), None)
        if name is None:
            return {}
        found = {}
        for style in etree.fromstring(self._parts[name], self._parser).iterfind(f"{_W}style"):
            called = _value(style, "name").lower()
            level = _value(style.find(f"{_W}pPr"), "outlineLvl")
            kind = "title" if called in ("title", "标题") else str(int(level) + 1) if level in ("0", "1", "2") else ""
            found[style.get(f"{_W}styleId") or ""] = (kind, _value(style.find(f"{_W}pPr"), "jc"))
        return found


def _parts(path: Path, data: bytes | None = None) -> dict[str, bytes]:
    try:
        with ZipFile(path if data is None else io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LARGEST:
                raise InputError(f"{path}：模板太大（展开后超过 {_LARGEST // 1_000_000} MB），请删去图片后再试")
            parts = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    except FileNotFoundError:
        raise InputError(f"找不到报告模板：{path}") from None
    except ZIP_FAULTS:
        raise InputError(f"{path}：不是 .docx（旧式 .doc、.wps 或加了密码的请用 Word 或 WPS 另存为 .docx）") from None
    except OSError:
        raise InputError(f"读不到报告模板：{path}（可能没有权限，或正被别的程序占用）") from None
    if "[Content_Types].xml" not in parts:
        raise InputError(f"{path}：不是 Word 文档（.docx）")
    return parts


def _value(parent: Element | None, tag: str) -> str:
    child = parent.find(f"{_W}{tag}") if parent is not None else None
    return (child.get(f"{_W}val") or "") if child is not None else ""


def _cell(element: Element, tables: dict[Element, int]) -> tuple[int, int, int] | None:
    """The outermost table's number, and the row and cell in it."""
    row = cell = table = None
    for ancestor in element.iterancestors(f"{_W}tbl", f"{_W}tr", f"{_W}tc"):
        if ancestor.tag == f"{_W}tc":
            cell = ancestor
        elif ancestor.tag == f"{_W}tr":
            row = ancestor
        else:
            table = ancestor
    if table is None or row is None or cell is None:
        return None
    rows = list(table.iter(f"{_W}tr"))
    return tables[table], rows.index(row), list(row.iter(f"{_W}tc")).index(cell)


def _places(paragraph: Element) -> Iterator[Place]:
    """Where each character of a paragraph stands; page numbers and deleted words are not its text."""
    fields: list[str] = []  # instructions of the fields that are open, '|' added where their result begins
    for node in paragraph.iter():
        if node.tag == f"{_W}fldChar":
            match node.get(f"{_W}fldCharType"):
                case "begin":
                    fields.append("")
                case "separate" if fields:
                    fields[-1] += "|"
                case "end" if fields:
                    fields.pop()
        elif node.tag == f"{_W}instrText" and fields:
            fields[-1] += node.text or ""
        elif node.tag in _TEXTS or node.tag in _SIGNS or node.tag == _SYMBOL:
            if _owner(node) is not paragraph or any(_is_numbering(each) for each in fields) or _in_numbering(node):
                continue
            if node.tag in _TEXTS:
                yield from ((node, at) for at in range(len(node.text or "")))
            else:
                yield None, ord(_SIGNS.get(node.tag) or _symbol(node))


def _symbol(node: Element) -> str:
    """What a character of a symbol font shows, where it is a letter or a number; else a box."""
    font = (node.get(f"{_W}font") or "").strip().lower()
    char = node.get(f"{_W}char") or ""
    code = int(char, 16) & 0xFFF if _HEXADECIMAL.fullmatch(char) else 0
    first = _NUMBERED.get(font)
    if first is not None and first <= code < first + len(_CIRCLED):
        return _CIRCLED[code - first]
    pictures = font.startswith(("wingdings", "webdings"))
    return chr(code) if 0x20 < code < 0x7F and not pictures else _PICTURE


def _owner(node: Element) -> Element | None:
    """The paragraph a run's text belongs to; None for a tab stop in properties and for text moved away."""
    run = node.getparent()
    if run is None or run.tag not in _RUNS:
        return None
    for ancestor in node.iterancestors(f"{_W}p", f"{_W}del", f"{_W}moveFrom"):
        return ancestor
    return None


def _is_numbering(instruction: str) -> bool:
    words = instruction.replace("|", " ").split()
    return bool(words) and words[0].upper() in _NUMBERING_FIELDS


def _in_numbering(node: Element) -> bool:
    simple = next(node.iterancestors(f"{_W}fldSimple"), None)
    return simple is not None and _is_numbering(simple.get(f"{_W}instr") or "")
