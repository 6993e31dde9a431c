"""Workbooks as plain dictionaries of cells, written to .xlsx in a millisecond, so that thousands can be tried.

What stands where is known without opening the file again: the dictionary is what was written.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

Place = tuple[int, int]
"""Row and column, from 1."""
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ROOT = (
    f'<Relationships {_PACKAGE}><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)


@dataclass
class PlainSheet:
    """Filled cells by place; text, number, boolean, or `=` before a formula that was never calculated."""

    name: str
    cells: dict[Place, object] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    state: str = "visible"

    def copied(self, name: str) -> "PlainSheet":
        """Another sheet with the same content."""
        return PlainSheet(name, dict(self.cells), list(self.merges), self.state)

    def put(self, place: Place, value: object) -> None:
        """Write or, with None, clear a cell."""
        self.cells.pop(place, None)
        if value is not None:
            self.cells[place] = value

    def move(self, where: Callable[[Place], Place | None]) -> None:
        """Every cell to its new place, or away; a merged area goes along while both of its corners stay."""
        self.cells = {new: value for old, value in self.cells.items() if (new := where(old))}
        corners = [(where(merge[:2]), where(merge[2:])) for merge in self.merges]
        self.merges = [(*first, *last) for first, last in corners if first and last and first != last]


def plain_book(book: Workbook) -> list[PlainSheet]:
    """The sheets of an open workbook."""
    return [
        PlainSheet(
            sheet.title,
            {
                (cell.row, cell.column): cell.value
                for row in sheet.iter_rows()
                for cell in row
                if cell.value is not None
            },
            [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges],
            sheet.sheet_state,
        )
        for sheet in book
    ]


def packed(sheets: list[PlainSheet]) -> bytes:
    """The .xlsx, texts shared as spreadsheet programs do."""
    texts: dict[str, int] = {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", _types(len(sheets)))
        archive.writestr("_rels/.rels", _ROOT)
        archive.writestr("xl/workbook.xml", _workbook(sheets))
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(sheets))
        for number, sheet in enumerate(sheets, start=1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(sheet, texts))
        shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
        archive.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{shared}</sst>")
    return buffer.getvalue()


def _types(count: int) -> str:
    kinds = {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in range(1, count + 1)}
    kinds |= {"/xl/workbook.xml": "sheet.main", "/xl/sharedStrings.xml": "sharedStrings"}
    ones = "".join(f'<Override PartName="{part}" ContentType="{_TYPE}.{kind}+xml"/>' for part, kind in kinds.items())
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{ones}</Types>'


def _workbook(sheets: list[PlainSheet]) -> str:
    ones = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{n}" state="{sheet.state}" r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, start=1)
    )
    return f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{ones}</sheets></workbook>'


def _relations(sheets: list[PlainSheet]) -> str:
    ones = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    shared = f'<Relationship Id="rId0" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    return f"<Relationships {_PACKAGE}>{ones}{shared}</Relationships>"


def _sheet(sheet: PlainSheet, texts: dict[str, int]) -> str:
    rows: dict[int, list[str]] = {}
    for (row, column), value in sorted(sheet.cells.items()):
        rows.setdefault(row, []).append(_cell(f"{get_column_letter(column)}{row}", value, texts))
    body = "".join(f'<row r="{row}">{"".join(cells)}</row>' for row, cells in rows.items())
    areas = "".join(
        f'<mergeCell ref="{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"/>'
        for top, left, bottom, right in sheet.merges
    )
    merged = f"<mergeCells>{areas}</mergeCells>" if areas else ""
    return f"<worksheet {_MAIN}><sheetData>{body}</sheetData>{merged}</worksheet>"


def _cell(place: str, value: object, texts: dict[str, int]) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = str(value)
    if text.startswith("="):
        return f'<c r="{place}"><f>{escape(text[1:])}</f></c>'
    if text.startswith("#"):
        return f'<c r="{place}" t="e"><v>{text}</v></c>'
    return f'<c r="{place}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'
