"""Comments that hang on cells, which no reader of values sees: their places and words, per format.

A part that cannot be read gives none: a comment is no figure, and no reason to refuse the figures.
"""

import posixpath
import re
import struct
from collections.abc import Iterable
from xml.etree import ElementTree

from flows.reading.guard import Package
from flows.reading.losses.lost import Address, column_number
from flows.reading.losses.numbered import binary_records

Comments = dict[Address, str]
MOST_COMMENTS = 500
"""Comments of one sheet that are looked at; whoever writes more is told of the first few and their number."""
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_OBJECT, _TEXT_OBJECT, _CONTINUE, _NOTE = 0x005D, 0x01B6, 0x003C, 0x001C
_IS_NOTE = 0x19
_BEGIN_COMMENT, _COMMENT_TEXT = 635, 637


def comments_of_part(package: Package, sheet: str) -> Comments:
    """The comments of a sheet's part, found by its relations: XML in .xlsx, records in .xlsb."""
    if not any("comments" in name for name in package.entries):
        return {}
    folder, name = posixpath.split(sheet)
    relations = package.part(f"{folder}/_rels/{name}.rels") or b""
    try:
        elements = list(ElementTree.fromstring(relations).iter()) if relations else []
        target = next((e.get("Target", "") for e in elements if e.get("Type", "").endswith("/comments")), "")
        path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        part = package.part(path) if target else None
        return {} if not part else _of_records(part) if path.endswith(".bin") else _of_xml(part)
    except (ElementTree.ParseError, struct.error, IndexError, ValueError, LookupError):
        return {}


def _of_xml(part: bytes) -> Comments:
    found: Comments = {}
    for element in ElementTree.fromstring(part).iter():
        place = _PLACE.fullmatch(element.get("ref", "")) if element.tag.rpartition("}")[2] == "comment" else None
        if place and len(found) < MOST_COMMENTS:
            texts = (one.text or "" for one in element.iter() if one.tag.rpartition("}")[2] == "t")
            found[int(place[2]), column_number(place[1])] = "".join(texts).strip()
    return found


def _of_records(part: bytes) -> Comments:
    """Comments of a binary part ([MS-XLSB] BrtBeginComment and BrtCommentText)."""
    found, place = Comments(), (0, 0)
    for kind, at, _ in binary_records(part):
        if kind == _BEGIN_COMMENT:
            row, column = struct.unpack_from("<I4xI", part, at + 4)
            place = row + 1, column + 1
        elif kind == _COMMENT_TEXT and len(found) < MOST_COMMENTS:
            length = struct.unpack_from("<I", part, at + 1)[0]
            found[place] = part[at + 5 : at + 5 + 2 * length].decode("utf-16-le", "replace").strip()
    return found


def comments_in_xls(stream: bytes, records: Iterable[tuple[int, int, int]]) -> Comments:
    """Comments among a sheet's records: a note names its place and the object that holds its text ([MS-XLS] Note)."""
    texts: dict[int, str] = {}
    found: Comments = {}
    number = length = 0
    for kind, at, size in records:
        if kind == _OBJECT and size >= 8:
            type_, number = struct.unpack_from("<HH", stream, at + 4)
            number = number if type_ == _IS_NOTE else 0
        elif kind == _TEXT_OBJECT and size >= 12 and number:
            length = struct.unpack_from("<H", stream, at + 10)[0]
        elif kind == _CONTINUE and length and size > 1:
            wide = stream[at] & 1
            text = stream[at + 1 : at + 1 + min(size - 1, length * (1 + wide))]
            texts[number] = text.decode("utf-16-le" if wide else "latin-1", "replace").strip()
            length = 0
        elif kind == _NOTE and size >= 8 and len(found) < MOST_COMMENTS:
            row, column, _, holder = struct.unpack_from("<4H", stream, at)
            found[row + 1, column + 1] = texts.get(holder, "")
    return {place: text for place, text in found.items() if text}
