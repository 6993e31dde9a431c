"""A workbook of somebody else's with some cells changed: every part that is not changed stays byte for byte.

Its .xlsx package is patched part by part, for a library that loads and saves drops what it does not know: pictures,
text boxes, controls, rich text. Texts go in as inline strings, so that nothing that anybody typed becomes a formula.
Only for packages that `flows.reading.guard` has let pass. Element order: ECMA-376 part 1, 18.3.1.99.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from lxml import etree

from flows.files import ZIP_FAULTS
from flows.reading.grid import address
from flows.reading.losses.lost import column_number

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OF_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_STRICT = b"http://purl.oclc.org/ooxml/"
_FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_REFERENCE = re.compile("([A-Z]+)([0-9]{1,9})")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
Place = tuple[int, int]


class NotPatchable(Exception):
    """The package is one that is not written as usual: what is wanted of it is said beside it instead."""


class Sheet:
    """One worksheet of a patched workbook, its XML in hand."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        data = root.find(f"{{{MAIN}}}sheetData")
        if data is None:
            raise NotPatchable("a sheet without rows")
        self.data = data
        self.rows: dict[int, etree._Element] = {int(row.get("r", "0")): row for row in data}
        if 0 in self.rows:
            raise NotPatchable("rows without numbers")

    def cell(self, place: Place) -> etree._Element:
        """The cell's element, made where there is none; a new one looks as its row and column do."""
        row = self.rows.get(place[0])
        if row is None:
            row = etree.Element(f"{{{MAIN}}}row", r=str(place[0]))
            after = [number for number in self.rows if number < place[0]]
            self.data.insert(self.data.index(self.rows[max(after)]) + 1 if after else 0, row)
            self.rows[place[0]] = row
        reference = address(*place)
        before = 0
        for number, cell in enumerate(row):
            column = column_of(cell.get("r", ""))
            if column == place[1]:
                return cell
            before = number + 1 if column < place[1] else before
        cell = etree.Element(f"{{{MAIN}}}c", r=reference)
        if style := row.get("s") or self._column_style(place[1]):
            cell.set("s", style)
        row.insert(before, cell)
        drop(row, "spans")
        return cell

    def _column_style(self, column: int) -> str:
        for each in self.root.iterfind(f"{{{MAIN}}}cols/{{{MAIN}}}col"):
            if int(each.get("min", "0")) <= column <= int(each.get("max", "0")):
                return each.get("style", "")
        return ""

    def holds_formula(self, place: Place) -> bool:
        """Whether the cell holds a formula."""
        return self.cell(place).find(f"{{{MAIN}}}f") is not None

    def put(self, place: Place, value: Decimal | int | str | None) -> None:
        """Put a number or a text into a cell; how it looks stays."""
        cell = self.cell(place)
        for child in list(cell):
            cell.remove(child)
        drop(cell, "t")
        if isinstance(value, str):
            cell.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
            text.text = _clean(value)
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        elif value is not None:
            etree.SubElement(cell, f"{{{MAIN}}}v").text = format(value, "f")

    def forget_results(self) -> None:
        """Take the remembered results out of formulas, so that they are worked out anew."""
        for cell in self.data.iter(f"{{{MAIN}}}c"):
            result = cell.find(f"{{{MAIN}}}v")
            if result is not None and cell.find(f"{{{MAIN}}}f") is not None:
                cell.remove(result)
                drop(cell, "t")

    def insert_in_order(self, element: etree._Element, *following: str) -> None:
        """Put an element of the sheet before the first of those that must come after it."""
        for child in self.root:
            if etree.QName(child).localname in following:
                child.addprevious(element)
                return
        self.root.append(element)


class Patched:
    """A workbook's package, opened for patching."""

    def __init__(self, data: bytes) -> None:
        """Raises NotPatchable for a package that is not written as Excel, WPS and LibreOffice do."""
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except ZIP_FAULTS:
            raise NotPatchable("no package") from None
        self._names = [info.filename for info in self._archive.infolist() if not info.is_dir()]
        self._changed: dict[str, bytes] = {}
        self._roots: dict[str, etree._Element] = {}
        self._views: dict[str, etree._Element] = {}
        self._sheets: dict[str, Sheet] = {}
        if _STRICT in self.part("xl/workbook.xml"):
            raise NotPatchable("strict")

    def part(self, name: str) -> bytes:
        """A part's bytes as they are now. Raises NotPatchable where there is none."""
        if name in self._changed:
            return self._changed[name]
        if name not in self._names:
            raise NotPatchable(name)
        return self._archive.read(name)

    def root(self, name: str) -> etree._Element:
        """A part's XML, to be changed: it is saved anew."""
        if name not in self._roots:
            self._roots[name] = self.look(name)
        return self._roots[name]

    def look(self, name: str) -> etree._Element:
        """A part's XML, only to be looked at."""
        if name in self._roots:
            return self._roots[name]
        if name not in self._views:
            try:
                self._views[name] = etree.fromstring(self.part(name), _PARSER)
            except etree.XMLSyntaxError:
                raise NotPatchable(name) from None
        return self._views[name]

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._changed or name in self._names or name in self._roots

    def replace(self, name: str, data: bytes) -> None:
        """Replace the bytes of a part that is there."""
        self._changed[name] = data
        for known in (self._roots, self._views):
            if name in known:
                del known[name]

    def add(self, name: str, data: bytes, content_type: str) -> None:
        """Add a part, or replace it."""
        self.replace(name, data)
        types = self.root("[Content_Types].xml")
        path = f"/{name}"
        if not any(each.get("PartName") == path for each in types):
            etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=path, ContentType=content_type)

    def relate(self, part: str, kind: str, target: str) -> str:
        """A new relationship of a part; returns its id."""
        folder, name = posixpath.split(part)
        path = f"{folder}/_rels/{name}.rels".lstrip("/")
        if not self.has(path):
            self._changed[path] = f'<Relationships xmlns="{_OF_PACKAGE}"/>'.encode()
        root = self.root(path)
        taken = {each.get("Id") for each in root}
        number = next(n for n in range(1, len(taken) + 2) if f"rIdC{n}" not in taken)
        etree.SubElement(root, f"{{{_OF_PACKAGE}}}Relationship", Id=f"rIdC{number}", Type=kind, Target=target)
        return f"rIdC{number}"

    def related(self, part: str, kind: str) -> Iterator[tuple[str, str]]:
        """The relationships of a part whose type ends so: id and the part they lead to."""
        folder, name = posixpath.split(part)
        path = f"{folder}/_rels/{name}.rels".lstrip("/")
        for each in self.look(path) if self.has(path) else ():
            if each.get("Type", "").endswith(f"/{kind}") and each.get("TargetMode") != "External":
                target = each.get("Target", "")
                where = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                yield each.get("Id", ""), where

    @cached_property
    def sheet_parts(self) -> dict[str, str]:
        """The part of each worksheet, by its name, in their order."""
        parts = dict(self.related("xl/workbook.xml", "worksheet"))
        sheets = self.look("xl/workbook.xml").iterfind(f"{{{MAIN}}}sheets/{{{MAIN}}}sheet")
        named = ((each.get("name", ""), parts.get(each.get(f"{{{RELATIONS}}}id", ""))) for each in sheets)
        return {name: part for name, part in named if part}

    def sheet(self, name: str) -> Sheet:
        """A worksheet by its name. Raises NotPatchable where there is none."""
        if name not in self._sheets:
            if name not in self.sheet_parts:
                raise NotPatchable(name)
            self._sheets[name] = Sheet(self.root(self.sheet_parts[name]))
        return self._sheets[name]

    def recalculate(self) -> None:
        """Have every formula worked out when the workbook is opened."""
        for name in self.sheet_parts:
            self.sheet(name).forget_results()
        workbook = self.root("xl/workbook.xml")
        calculation = workbook.find(f"{{{MAIN}}}calcPr")
        if calculation is None:
            calculation = etree.Element(f"{{{MAIN}}}calcPr")
            before = ("oleSize", "customWorkbookViews", "pivotCaches", "webPublishing", "fileRecoveryPr", "extLst")
            following = [each for each in workbook if etree.QName(each).localname in before]
            following[0].addprevious(calculation) if following else workbook.append(calculation)
        calculation.set("fullCalcOnLoad", "1")

    def note_property(self, name: str, value: str) -> None:
        """Write a custom property of the workbook."""
        part = "docProps/custom.xml"
        if not self.has(part):
            empty = f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VALUES}"/>'.encode()
            self.add(part, empty, "application/vnd.openxmlformats-officedocument.custom-properties+xml")
            kind = f"{RELATIONS}/custom-properties"
            self.relate("", kind, part)
        root = self.root(part)
        for each in root.iterfind(f"{{{_CUSTOM}}}property[@name='{name}']"):
            root.remove(each)
        number = max((int(each.get("pid", "1")) for each in root), default=1) + 1
        about = {"fmtid": _FMTID, "pid": str(number), "name": name}
        made = etree.SubElement(root, f"{{{_CUSTOM}}}property", about, nsmap={"vt": _VALUES})
        etree.SubElement(made, f"{{{_VALUES}}}lpwstr").text = value

    def save(self) -> bytes:
        """The package with its changes; the other parts as they were."""
        for name, root in self._roots.items():
            self._changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
            for name in (*self._names, *(name for name in self._changed if name not in self._names)):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(info, self._changed.get(name) or self._archive.read(name))
        return buffer.getvalue()


def place_of(reference: str) -> Place:
    """Row and column of `AB7`. Raises NotPatchable for what is no cell."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise NotPatchable("cells without references")
    return int(match[2]), column_number(match[1])


def column_of(reference: str) -> int:
    """The number of the column of `AB7`. Raises NotPatchable for what is no cell."""
    return place_of(reference)[1]


def drop(element: etree._Element, attribute: str) -> None:
    """Take an attribute away, if it is there."""
    if attribute in element.attrib:
        del element.attrib[attribute]


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)[:32_767]
