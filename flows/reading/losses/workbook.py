"""Which sheet of a workbook is stored where, and what the fast reader would lose of it; per format."""

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence, Sized
from xml.etree import ElementTree

from flows.reading.guard import MOST_SHEETS, Package, Refused
from flows.reading.losses.comments import comments_of_part
from flows.reading.losses.frames import Merges
from flows.reading.losses.lost import Lost
from flows.reading.losses.ods import lost_in_ods
from flows.reading.losses.remembered import remembered
from flows.reading.losses.runs import shared_runs
from flows.reading.losses.xls import lost_in_xls
from flows.reading.losses.xlsb import binary_fonts, binary_styles, binary_texts, bundled_sheets, lost_in_xlsb
from flows.reading.losses.xlsx import Manner, SheetXml, cell_styles

PROPERTY = "cunhui_"
_META_NAME = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name"


class Losses(ABC):
    """Made before the fast reader may open the workbook, which measures every sheet that it will open.

    Raises Refused where the parts that the fast reader needs are not safe, or not to be found.
    """

    @abstractmethod
    def of(self, number: int, name: str, filled: int) -> Lost:
        """What the sheet of that place and name loses; `filled` cells were found filled by the fast reader."""

    def merges(self, name: str, found: Merges, filled: int) -> Merges:
        """The sheet's merged areas: those that the fast reader found, unless it was shown none of them."""
        return found

    def properties(self) -> dict[str, str]:
        """Custom document properties of ours, without their prefix."""
        return {}


class XlsxLosses(Losses):
    """Sheets are XML parts that the workbook part names by relation."""

    def __init__(self, package: Package, skip: Collection[str]) -> None:
        self._package, folder = package, _folder(needed(package, "_rels/.rels"))
        texts = package.part(f"{folder}sharedStrings.xml") or b""
        if b"<![CDATA[" in texts:
            raise Refused("FILE_DAMAGED", why="文字表的内部写法不规范")
        styles = cell_styles(package.part(f"{folder}styles.xml") or b"")
        marked = shared_runs(texts, bool(styles.struck))
        relations = needed(package, f"{folder}_rels/workbook.xml.rels")
        sheets, uncalculated = _worksheets(needed(package, f"{folder}workbook.xml"), relations)
        _refuse_many(sheets)
        targets = [(name, target[1:] if target.startswith("/") else folder + target) for name, target in sheets]
        manner = Manner(uncalculated, styles, marked)
        self._comments = {name: comments_of_part(package, path) for name, path in targets if name not in skip}
        self._sheets = {
            name: SheetXml(needed(package, path), name, manner) for name, path in targets if name not in skip
        }
        self._merges: dict[str, Merges] = {}
        for name, path in targets:
            if name in self._sheets and (shown := self._sheets[name].shown()):
                package.shown[path.lower()], self._merges[name] = shown

    def of(self, number: int, name: str, filled: int) -> Lost:
        """As `Losses.of`."""
        if name not in self._sheets:
            raise _not_found(name)
        lost = self._sheets[name].lost(filled)
        lost.comments = self._comments[name]
        return lost

    def merges(self, name: str, found: Merges, filled: int) -> Merges:
        """As `Losses.merges`."""
        if (known := self._merges.get(name)) is not None:
            return known
        if filled:
            self._sheets[name].learn(found)
        return found

    def properties(self) -> dict[str, str]:
        """As `Losses.properties`."""
        return _properties(self._package, "docprops/custom.xml", "name")


@remembered
def _folder(relations: bytes) -> str:
    """Where the fast reader will look for the workbook part."""
    folder = ""
    for element in _tree(relations).iter():
        if element.get("Type", "").endswith("/relationships/officeDocument"):
            folder = posixpath.dirname(element.get("Target", "")).lstrip("/")
    return folder + "/" if folder else ""


@remembered
def _worksheets(workbook: bytes, relations: bytes) -> tuple[Sequence[tuple[str, str]], bool]:
    """Name and target of each worksheet, and whether the workbook was never calculated."""
    targets, uncalculated, known = list[tuple[str, str]](), False, _relations(relations)
    for element in _tree(workbook).iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "sheet":
            relation = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), "")
            target, type_ = known.get(relation, ("", ""))
            if type_.endswith("/worksheet"):
                targets.append((element.get("name", ""), target))
        elif tag == "calcPr":
            uncalculated = element.get("fullCalcOnLoad") in ("1", "true")
    return tuple(targets), uncalculated


class XlsbLosses(Losses):
    """Sheets are binary parts that the workbook part names by relation."""

    def __init__(self, package: Package, skip: Collection[str]) -> None:
        self._package = package
        relations = _relations(needed(package, "xl/_rels/workbook.bin.rels"))
        sheets = bundled_sheets(needed(package, "xl/workbook.bin"))
        _refuse_many(sheets)
        styles_part = package.part("xl/styles.bin") or b""
        fonts = binary_fonts(styles_part)
        styles, texts = (
            binary_styles(styles_part, fonts),
            binary_texts(package.part("xl/sharedStrings.bin") or b"", fonts),
        )
        self._lost = {
            name: lost_in_xlsb(needed(package, f"xl/{relations.get(relation, ('', ''))[0]}"), name, styles, texts)
            for name, relation in sheets
            if relation and name not in skip
        }
        for name, relation in sheets:
            if name in self._lost:
                self._lost[name].comments = comments_of_part(package, f"xl/{relations.get(relation, ('', ''))[0]}")

    def of(self, number: int, name: str, filled: int) -> Lost:
        """As `Losses.of`."""
        if name not in self._lost:
            raise _not_found(name)
        return self._lost[name]

    def properties(self) -> dict[str, str]:
        """As `Losses.properties`."""
        return _properties(self._package, "docprops/custom.xml", "name")


class OdsLosses(Losses):
    """Every sheet stands in one content part."""

    def __init__(self, package: Package, skip: Collection[str]) -> None:
        common = package.part("styles.xml") or b""
        self._package, self._by_name = package, lost_in_ods(needed(package, "content.xml"), common)

    def of(self, number: int, name: str, filled: int) -> Lost:
        """As `Losses.of`."""
        if name not in self._by_name:
            raise _not_found(name)
        return self._by_name[name]

    def properties(self) -> dict[str, str]:
        """As `Losses.properties`."""
        return _properties(self._package, "meta.xml", _META_NAME)


class XlsLosses(Losses):
    """Every sheet is a run of records in one stream."""

    def __init__(self, data: bytes) -> None:
        self._in_order = lost_in_xls(data)

    def of(self, number: int, name: str, filled: int) -> Lost:
        """As `Losses.of`."""
        if number >= len(self._in_order):
            raise _not_found(name)
        return self._in_order[number]


def needed(package: Package, path: str) -> bytes:
    """A part that must be there. Raises Refused."""
    part = package.part(path)
    if part is None:
        raise Refused("FILE_DAMAGED", why=f"缺少内部部分 {posixpath.basename(path) or '工作表'}")
    return part


def _not_found(name: str) -> Refused:
    return Refused("FILE_DAMAGED", why=f"找不到“{name}”的内容")


def _refuse_many(sheets: Sized) -> None:
    if len(sheets) > MOST_SHEETS:
        raise Refused("FILE_SUSPICIOUS", why=f"有 {len(sheets)} 张工作表，最多 {MOST_SHEETS} 张")


def _relations(part: bytes) -> dict[str, tuple[str, str]]:
    """Target and type by id."""
    elements = [element for element in _tree(part).iter() if element.get("Id")]
    found = {element.get("Id", ""): (element.get("Target", ""), element.get("Type", "")) for element in elements}
    if len(found) != len(elements):
        raise Refused("FILE_SUSPICIOUS", why="内部关系有重名")
    return found


def _tree(part: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(part)
    except (ElementTree.ParseError, ValueError, LookupError):  # the latter two: an encoding that expat does not know
        raise Refused("FILE_DAMAGED", why="内部结构读不通") from None


def _properties(package: Package, path: str, attribute: str) -> dict[str, str]:
    part = package.part(path)
    found = {}
    for element in _tree(part).iter() if part and PROPERTY.encode() in part else ():
        name = element.get(attribute) or ""
        if name.startswith(PROPERTY):
            found[name.removeprefix(PROPERTY)] = "".join(element.itertext()).strip()
    return found
