"""A workbook of plain tables, written straight as XML: cells, looks, heights, merged cells, filters, how it prints.

Half a million cells take a second so, where openpyxl takes ten and xlsxwriter five (measured 2026-11-28); and a sheet
is bytes of its own, which the next workbook can take over. Texts stand in their cells: none refers to another part.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from html import escape
from itertools import islice
from typing import Any

from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.packaging.relationship import get_rels_path
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.xml.functions import tostring

from flows.template.numbers import written

Value = str | int | float | Decimal | datetime | None
Cell = tuple[int, Value]
"""A cell: the number of its look and what it says."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
"""What a spreadsheet takes for a character (ECMA-376, ST_Xstring); a text that says it is written so that it stays."""
_ODD = re.compile("[&<>]|_x[0-9A-Fa-f]{4}_")
_DOS_DATE = (1 << 5) | 1
"""1980-01-01, the first day that a zip can say: the same workbook is then the same bytes, whenever it is written."""
_AT_A_TIME = 1_000
"""Pieces of a sheet that are packed together: a row is three, of a hundred cells at most."""
PAPERS = {"A3": "8", "A4": "9"}
"""Sizes of paper by their numbers (ECMA-376, 18.3.1.63)."""
DEFAULT_HEIGHT = 15.0
"""Points of a row that was given no height."""


@dataclass
class Printing:
    """How a sheet prints; rows and columns as a reference says them (`3:5`, `A:C`)."""

    paper: str = PAPERS["A4"]
    landscape: bool = False
    fits: tuple[int, int] | None = (1, 0)
    scale: int | None = None
    down_first: bool = True
    title_rows: tuple[int, int] | None = None
    title_columns: int = 0
    areas: Sequence[str] = ()
    breaks: list[int] = field(default_factory=list)


@dataclass
class Sheet:
    """One sheet as it is drawn, rows and columns from 1. `links` have targets by the reference of their cells.

    `filtered` is the area that can be filtered, its first row the heads; `charts` are openpyxl's.
    """

    title: str
    hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    printing: Printing = field(default_factory=Printing)
    freeze: str = ""
    filtered: str = ""
    charts: list[Any] = field(default_factory=list)

    @property
    def last_row(self) -> int:
        """The lowest row that holds anything."""
        return max(self.rows, default=1)

    def height(self, row: int) -> float:
        """A row's height in points."""
        return self.heights.get(row, DEFAULT_HEIGHT)

    def let_go(self) -> None:
        """Forget the cells, once they are written; what the workbook says of the sheet stays."""
        self.rows, self.heights = {}, {}

    def xml(self) -> bytes:
        """The sheet's part."""
        return "".join(self.pieces()).encode()

    def pieces(self) -> Iterator[str]:
        """The sheet's part, some of it at a time."""
        printing = self.printing
        fits = '<pageSetUpPr fitToPage="1"/>' if printing.fits else ""
        yield from (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><outlinePr summaryBelow="1" summaryRight="1"/>{fits}</sheetPr>',
            f"<sheetViews>{self._view()}</sheetViews>",
            '<sheetFormatPr baseColWidth="8" defaultRowHeight="15"/>',
            *self._columns(),
            "<sheetData>",
        )
        yield from self._rows()
        yield from (
            "</sheetData>",
            f'<autoFilter ref="{self.filtered}"/>' if self.filtered else "",
            *_several("mergeCells", [f'<mergeCell ref="{area}"/>' for area in self.merged]),
            *self._links(),
            '<printOptions horizontalCentered="1"/>',
            '<pageMargins left="0.42" right="0.42" top="0.55" bottom="0.6" header="0.3" footer="0.3"/>',
            self._page(),
            "<headerFooter><oddFooter>&amp;C&amp;9第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter>",
            *self._breaks(),
            f'<drawing xmlns:r="{_RELATIONS}" r:id="rId1"/>' if self.charts else "",
            "</worksheet>",
        )

    def _view(self) -> str:
        if not self.freeze:
            return '<sheetView showGridLines="0" workbookViewId="0"/>'
        letters, row = re.fullmatch(r"([A-Z]+)(\d+)", self.freeze).groups()  # pyright: ignore[reportOptionalMemberAccess]  # a reference
        across, down = column_index_from_string(letters) - 1, int(row) - 1
        pane = "bottomRight" if across and down else "bottomLeft" if down else "topRight"
        splits = (f'xSplit="{across}" ' if across else "") + (f'ySplit="{down}" ' if down else "")
        return (
            '<sheetView showGridLines="0" workbookViewId="0">'
            f'<pane {splits}topLeftCell="{self.freeze}" activePane="{pane}" state="frozen"/>'
            f'<selection pane="{pane}"/></sheetView>'
        )

    def _columns(self) -> Iterable[str]:
        if not self.widths:
            return ()
        columns = (f'<col min="{n}" max="{n}" width="{w:g}" customWidth="1"/>' for n, w in sorted(self.widths.items()))
        return ("<cols>", *columns, "</cols>")

    def _rows(self) -> Iterable[str]:
        letters = {n: get_column_letter(n) for n in {column for row in self.rows.values() for column in row}}
        for number in sorted(self.rows.keys() | self.heights.keys()):
            height = self.heights.get(number)
            yield f'<row r="{number}">' if height is None else f'<row r="{number}" ht="{height:g}" customHeight="1">'
            cells = sorted(self.rows.get(number, {}).items())
            yield "".join([f'<c r="{letters[at]}{number}" s="{look}{_said(value)}' for at, (look, value) in cells])
            yield "</row>"

    def _links(self) -> Iterable[str]:
        if not self.links:
            return ()
        links = (f'<hyperlink ref="{cell}" location="{escape(to)}"/>' for cell, to in self.links.items())
        return ("<hyperlinks>", *links, "</hyperlinks>")

    def _page(self) -> str:
        printing = self.printing
        fits = f' fitToWidth="{printing.fits[0]}" fitToHeight="{printing.fits[1]}"' if printing.fits else ""
        scale = f' scale="{printing.scale}"' if printing.scale else ""
        order = "" if printing.down_first else ' pageOrder="overThenDown"'
        way = "landscape" if printing.landscape else "portrait"
        return f'<pageSetup paperSize="{printing.paper}"{scale}{fits}{order} orientation="{way}"/>'

    def _breaks(self) -> Iterable[str]:
        before = [f'<brk id="{row - 1}" min="0" max="16383" man="1"/>' for row in self.printing.breaks]
        if not before:
            return ()
        return (f'<rowBreaks count="{len(before)}" manualBreakCount="{len(before)}">', *before, "</rowBreaks>")

    def names(self, number: int) -> Iterable[str]:
        """The workbook's names that say what of this sheet is repeated and printed; it is the sheet of that number."""
        quoted = "'" + self.title.replace("'", "''") + "'!"
        printing, titles = self.printing, []
        if printing.title_columns:
            titles.append(f"{quoted}$A:${get_column_letter(printing.title_columns)}")
        if printing.title_rows:
            first, last = printing.title_rows
            titles.append(f"{quoted}${first}:${last}")
        areas, filtered = (
            [quoted + re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", area) for area in of]
            for of in (printing.areas, [self.filtered] if self.filtered else [])
        )
        for name, hides, said in (
            ("_FilterDatabase", ' hidden="1"', filtered), ("Print_Area", "", areas), ("Print_Titles", "", titles),
        ):  # fmt: skip
            if said:
                told = escape(",".join(said))
                yield f'<definedName name="_xlnm.{name}" localSheetId="{number}"{hides}>{told}</definedName>'


def _some(pieces: Iterable[str], count: int) -> Iterator[list[str]]:
    rest = iter(pieces)
    while some := list(islice(rest, count)):
        yield some


def _several(name: str, items: Sequence[str]) -> Iterable[str]:
    return (f'<{name} count="{len(items)}">', *items, f"</{name}>") if items else ()


def _said(value: Value) -> str:
    """The end of a cell, from behind the number of its look."""
    if isinstance(value, Decimal):  # most are
        return f'"><v>{written(value)}</v></c>'
    if value is None or value == "":
        return '"/>'
    if isinstance(value, str):
        return f'" t="inlineStr"><is>{_text(value)}</is></c>'
    return f'"><v>{repr(to_excel(value)) if isinstance(value, datetime) else repr(value)}</v></c>'


def _text(text: str) -> str:
    if _ODD.search(text):
        text = escape(_ESCAPED.sub(lambda match: f"_x005F{match[0]}", text), quote=False)
    return f'<t xml:space="preserve">{text}</t>'


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a workbook as it lies in the zip: packed, with its checksum and its size."""

    packed: bytes
    check: int
    size: int

    @classmethod
    def of(cls, data: bytes) -> "Part":
        """Packed."""
        return cls._packed((data,))

    @classmethod
    def of_pieces(cls, pieces: Iterable[str]) -> "Part":
        """The same of a text that comes in pieces, of which never many are held."""
        return cls._packed("".join(some).encode() for some in _some(pieces, _AT_A_TIME))

    @classmethod
    def _packed(cls, datas: Iterable[bytes]) -> "Part":
        packer, packed, check, size = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS), [], 0, 0
        for data in datas:
            packed.append(packer.compress(data))
            check, size = zlib.crc32(data, check), size + len(data)
        return cls(b"".join([*packed, packer.flush()]), check, size)


def parts_of(data: bytes) -> dict[str, Part]:
    """The parts of a workbook that was written here, still packed. Raises what zipfile does where it is none."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            start = entry.header_offset + 30 + sum(struct.unpack_from("<HH", data, entry.header_offset + 26))
            found[entry.filename] = Part(data[start : start + entry.compress_size], entry.CRC, entry.file_size)
    return found


def zipped(parts: Mapping[str, Part]) -> bytes:
    """The parts as a zip, packed as they are; the same parts give the same bytes."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, part in parts.items():
        spelt, at = name.encode(), body.tell()
        fields = (20, 0x800, zipfile.ZIP_DEFLATED, 0, _DOS_DATE, part.check, len(part.packed), part.size, len(spelt), 0)
        body.write(struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + spelt + part.packed)
        directory.write(struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, at) + spelt)
    listed, at = directory.getvalue(), body.tell()
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(parts), len(parts), len(listed), at, 0)
    return body.getvalue() + listed + end


def part_name(number: int) -> str:
    """How the sheet of that number, from 0, is called in the zip."""
    return f"xl/worksheets/sheet{number + 1}.xml"


def frame_of(sheets: Sequence[Sheet], styles: str, title: str, creator: str, stamp: datetime) -> dict[str, Part]:
    """All parts of a workbook but its sheets."""
    count, moment = len(sheets), f"{stamp:%Y-%m-%dT%H:%M:%SZ}"
    office, (drawn, kinds) = f"{_PACKAGE}/relationships", _drawings(sheets)
    kinds |= {
        "xl/workbook.xml": f"{_TYPE}.sheet.main+xml",
        **{part_name(number): f"{_TYPE}.worksheet+xml" for number in range(count)},
        "xl/styles.xml": f"{_TYPE}.styles+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    relations = "".join(
        f'<Relationship Id="rId{number + 1}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number + 1}.xml"/>'
        for number in range(count)
    )
    listed = "".join(
        f'<sheet name="{escape(sheet.title)}" sheetId="{number}" state="{"hidden" if sheet.hidden else "visible"}" '
        f'r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, start=1)
    )
    names = "".join(name for number, sheet in enumerate(sheets) for name in sheet.names(number))
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{office}"><Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" '
        f'Target="xl/workbook.xml"/><Relationship Id="rId2" Type="{office}/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>',
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{escape(title)}</dc:title>'
        f"<dc:creator>{escape(creator)}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified></cp:coreProperties>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets>{f'<definedNames>{names}</definedNames>' if names else ''}</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{office}">{relations}<Relationship Id="rId{count + 1}" '
        f'Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": styles,
    }
    return {name: Part.of(f"{_XML}{text}".encode()) for name, text in (texts | drawn).items()}


def _drawings(sheets: Sequence[Sheet]) -> tuple[dict[str, str], dict[str, str]]:
    """The parts that draw the sheets' charts, and the kind of each that a workbook has to declare."""
    parts, kinds, before = {}, {}, 0
    for number, sheet in enumerate(sheets):
        if not sheet.charts:
            continue
        drawing: Any = SpreadsheetDrawing()
        drawing._id, drawing.charts = number + 1, sheet.charts  # what openpyxl's own writer sets as well
        for place, chart in enumerate(sheet.charts, start=before + 1):
            chart._id = place
            kinds[chart.path[1:]], parts[chart.path[1:]] = chart.mime_type, _drawn(chart._write())
        before += len(sheet.charts)
        kinds[drawing.path[1:]], parts[drawing.path[1:]] = drawing.mime_type, _drawn(drawing._write())
        parts[get_rels_path(drawing.path)[1:]] = _drawn(drawing._write_rels())
        parts[get_rels_path(part_name(number))] = (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/drawing" Target="{drawing.path}"/></Relationships>'
        )
    return parts, kinds


def _drawn(element: Any) -> str:
    return tostring(element).decode()
