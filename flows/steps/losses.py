"""Which sheet of a workbook is stored where, and what the fast reader would lose of it; per format."""

import posixpath
from xml.etree import ElementTree

from flows.steps.guard import Package, Refused
from flows.steps.lost_cells import Lost, SheetXml

PROPERTY = "cunhui_"
_META_NAME = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name"


class Losses:
    """Made before the fast reader may open the workbook; `measured` before it may open a sheet, `of` after.

    All raise Refused where the parts that the fast reader will open are not safe, or not to be found.
    """

    def measured(self, number: int, name: str) -> None:
        """Refuse a sheet that is too large or too odd to open."""

    def of(self, number: int, name: str, filled: int) -> Lost:
        """What the sheet of that place and name loses; `filled` cells were found filled by the fast reader."""
        raise NotImplementedError

    def properties(self) -> dict[str, str]:
        """Custom document properties of ours, without their prefix."""
        return {}


class XlsxLosses(Losses):
    """Sheets are XML parts that the workbook part names by relation."""

    def __init__(self, package: Package) -> None:
        self._package, self._uncalculated = package, False
        folder = self._folder()
        if b"<![CDATA[" in (package.part(f"{folder}sharedStrings.xml") or b""):
            raise Refused("FILE_DAMAGED", why="文字表的内部写法不规范")
        package.part(f"{folder}styles.xml")
        relations = _relations(package, f"{folder}_rels/workbook.xml.rels")
        self._targets: list[tuple[str, str]] = []
        for element in _tree(needed(package, f"{folder}workbook.xml")).iter():
            tag = element.tag.rpartition("}")[2]
            if tag == "sheet":
                relation = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), "")
                target = relations.get(relation, "")
                path = target[1:] if target.startswith("/") else folder + target
                self._targets.append((element.get("name", ""), path))
            elif tag == "calcPr":
                self._uncalculated = element.get("fullCalcOnLoad") in ("1", "true")
        self._sheets: dict[int, SheetXml] = {}

    def measured(self, number: int, name: str) -> None:
        """Measure the sheet's part."""
        xml = needed(self._package, _target(self._targets, number, name))
        self._sheets[number] = SheetXml(xml, self._uncalculated, name)

    def of(self, number: int, name: str, filled: int) -> Lost:
        """As `Losses.of`."""
        return self._sheets[number].lost(filled)

    def properties(self) -> dict[str, str]:
        """As `Losses.properties`."""
        return _properties(self._package, "docprops/custom.xml", "name")

    def _folder(self) -> str:
        """Where the fast reader will look for the workbook part."""
        folder = ""
        for element in _tree(needed(self._package, "_rels/.rels")).iter():
            if element.get("Type", "").endswith("/relationships/officeDocument"):
                folder = posixpath.dirname(element.get("Target", "")).lstrip("/")
        return folder + "/" if folder else ""


class XlsbLosses(Losses):
    """Sheets are binary parts that the workbook part names by relation."""

    def __init__(self, package: Package) -> None:
        from flows.steps.lost_records import bundled_sheets

        self._package = package
        relations = _relations(package, "xl/_rels/workbook.bin.rels")
        sheets = bundled_sheets(needed(package, "xl/workbook.bin"))
        self._targets = [(name, f"xl/{relations.get(relation, '')}") for name, relation in sheets if relation]
        self._lost: dict[int, Lost] = {}
        for name in ("xl/sharedStrings.bin", "xl/styles.bin"):
            package.part(name)

    def measured(self, number: int, name: str) -> None:
        """Measure the sheet's part."""
        from flows.steps.lost_records import lost_in_xlsb

        self._lost[number] = lost_in_xlsb(needed(self._package, _target(self._targets, number, name)), name)

    def of(self, number: int, name: str, filled: int) -> Lost:
        """As `Losses.of`."""
        return self._lost[number]

    def properties(self) -> dict[str, str]:
        """As `Losses.properties`."""
        return _properties(self._package, "docprops/custom.xml", "name")


class OdsLosses(Losses):
    """Every sheet stands in one content part."""

    def __init__(self, package: Package) -> None:
        from flows.steps.lost_content import lost_in_ods

        self._package, self._by_name = package, lost_in_ods(needed(package, "content.xml"))

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
        from flows.steps.lost_records import lost_in_xls

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
        raise Refused("FILE_DAMAGED", why=f"缺少内部部分 {posixpath.basename(path)}")
    return part


def _target(targets: list[tuple[str, str]], number: int, name: str) -> str:
    if number >= len(targets) or targets[number][0] != name:
        raise _not_found(name)
    return targets[number][1]


def _not_found(name: str) -> Refused:
    return Refused("FILE_DAMAGED", why=f"找不到“{name}”的内容")


def _relations(package: Package, path: str) -> dict[str, str]:
    found = [(e.get("Id"), e.get("Target", "")) for e in _tree(needed(package, path)).iter() if e.get("Id")]
    if len(dict(found)) != len(found):
        raise Refused("FILE_SUSPICIOUS", why="内部关系有重名")
    return dict(found)


def _tree(part: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(part)
    except ElementTree.ParseError:
        raise Refused("FILE_DAMAGED", why="内部结构读不通") from None


def _properties(package: Package, path: str, attribute: str) -> dict[str, str]:
    part = package.part(path)
    found = {}
    for element in _tree(part).iter() if part and PROPERTY.encode() in part else ():
        name = element.get(attribute) or ""
        if name.startswith(PROPERTY):
            found[name.removeprefix(PROPERTY)] = "".join(element.itertext()).strip()
    return found
