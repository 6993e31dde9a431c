"""What a Word template may not hold: whatever makes Word fetch, run or read something that is not in the file."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from schemas.errors import InputError

_KINDS = {
    "attachedTemplate": "附加的模板",
    "image": "链接的图片",
    "oleObject": "OLE 对象",
    "control": "ActiveX 控件",
    "vbaProject": "宏",
    "subDocument": "子文档",
    "aFChunk": "并入的文件",
    "frame": "框架页",
    "hyperlink": "指向本机或共享文件夹的链接",
    "externalLink": "指向别处的内容",
}
"""The last word of a relationship's type (ECMA-376 part 1, the relationships of WordprocessingML), and its name."""
_NEVER = {"attachedTemplate", "oleObject", "control", "vbaProject", "subDocument", "aFChunk", "frame"}
_OF_THE_WEB = re.compile(r"\s*(?:https?://|mailto:)|#", re.IGNORECASE)
_FIELDS = re.compile(r"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(rb"""=\s*["']\s*(\\\\[^"']*|file:[^"']*)["']""", re.IGNORECASE)
_DECLARED = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LONGEST = 80
"""Characters shown of a place that the file reaches for."""


def refuse_foreign(path: Path, parts: Mapping[str, bytes], parser: etree.XMLParser) -> None:
    """Raise InputError naming what reaches beyond the file; links to web pages, followed only by a click, may stay."""
    if found := list(dict.fromkeys(_found(parts, parser))):
        named = "、".join(found[:3]) + (f" 等 {len(found)} 处" if len(found) > 3 else "")
        raise InputError(f"{path}：模板里不能有指向文件以外或会自己运行的内容：{named}；请在 Word 里删去后另存")


def _found(parts: Mapping[str, bytes], parser: etree.XMLParser) -> Iterator[str]:
    for name, data in parts.items():
        lower = name.lower()
        if lower.endswith("vbaproject.bin"):
            yield _KINDS["vbaProject"]
        if not lower.endswith((".xml", ".rels", ".vml")):
            continue
        if any(word in data for word in _DECLARED):
            yield f"文档类型声明（DOCTYPE，在 {name}）"
            continue
        root = etree.fromstring(data, parser)
        if lower.endswith(".rels"):
            yield from _related(root)
        else:
            yield from _in_text(root)
            yield from (f"指向别处的内容（{_short(to.decode(errors='replace'))}）" for to in _ELSEWHERE.findall(data))


def _related(root: etree._Element) -> Iterator[str]:
    for relation in root.iterfind("{*}Relationship"):
        kind = (relation.get("Type") or "").rpartition("/")[2]
        target, outside = relation.get("Target") or "", (relation.get("TargetMode") or "").lower() == "external"
        harmless = kind == "hyperlink" and _OF_THE_WEB.match(target)
        if kind in _NEVER or (outside and not harmless):
            yield f"{_KINDS.get(kind, _KINDS['externalLink'])}（{_short(target)}）"


def _in_text(root: etree._Element) -> Iterator[str]:
    """Fields that fetch: their instruction may be cut into several runs."""
    for paragraph in root.iter(f"{_WORD}p"):
        said = "".join(node.text or "" for node in paragraph.iter(f"{_WORD}instrText"))
        simple = " ".join(node.get(f"{_WORD}instr") or "" for node in paragraph.iter(f"{_WORD}fldSimple"))
        for field in _FIELDS.findall(re.sub(r'"[^"]*"', "", f"{said} {simple}")):
            yield f"会取外部内容的域 {field.upper()}"


def _short(target: str) -> str:
    return target if len(target) <= _LONGEST else f"{target[:_LONGEST]}…"
