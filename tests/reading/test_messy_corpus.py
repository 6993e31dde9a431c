"""What offices really send: one workbook per mess and format, read, judged and checked; every fact at its very cell.

The cases are tests/data/messy/cells.txt and forms.txt. Each is opened with another library besides: openpyxl, xlrd,
pyxlsb, odfpy or plain csv must hold, in the very cell that a fact names, what the fact says was written there.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest

from flows.inbox.owner import Owner, owner_of
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Reading
from flows.reading.wanted import wanted_of
from flows.values.fields import shown
from schemas.catalogue import Catalogue
from schemas.findings import KINDS
from schemas.roster import Unit
from tests.golden import MESSY, kept, messy_lines
from tests.messy import DATA, Case, cases, written

YEAR = 2023
CATALOGUE = Catalogue(DATA / "catalogue")
WORDS = Words(wanted_of(CATALOGUE, YEAR))
UNITS = [
    Unit("990101101201", "南川村", "村"),
    Unit("990101101207", "大湾村", "村"),
    Unit("990101101208", "三湾村", "村"),
    Unit("990101101905", "平安建设办公室", "站所"),
]
CASES = cases()
TRIED = [(case.name, format_) for case in CASES for format_ in case.formats]
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
FORMATS = {"xlsm": "xlsx", "et": "xls"}


@dataclass
class Came:
    """What became of one file."""

    data: bytes
    reading: Reading
    owner: Owner
    facts: pd.DataFrame
    findings: pd.DataFrame


class Judged(NamedTuple):
    """The whole corpus in one chunk: the bytes by case and format, and in the order of `keys` what was read of them."""

    made: dict[tuple[str, str], bytes]
    keys: list[tuple[str, str]]
    chunk: list[Submission]
    frames: dict[str, pd.DataFrame]

    @property
    def titles(self) -> list[str]:
        return ["-".join(key) for key in self.keys]


def judge(folder: Path) -> Judged:
    """Every file of the corpus through reading, ownership, normalising and checking."""
    made = written(CASES, folder)
    names = {case.name: case.file for case in CASES}
    readings = [read_inside(made[key], WORDS, f"{names[key[0]]}.{key[1]}") for key in TRIED]
    chunk = [Submission(n, reading, owner_of(reading, UNITS, YEAR), 1) for n, reading in enumerate(readings)]
    return Judged(made, TRIED, chunk, check(chunk, CATALOGUE, YEAR))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(tmp_path_factory.mktemp("messy"))


@pytest.fixture(scope="module")
def corpus(judged: Judged) -> dict[tuple[str, str], Came]:
    made, keys, chunk, frames = judged
    facts, findings = dict(list(_facts(frames).groupby("sub_id"))), dict(list(frames["finding"].groupby("sub_id")))
    nothing = frames["fact"][:0], frames["finding"][:0]
    return {
        key: Came(made[key], item.reading, item.owner, facts.get(n, nothing[0]), findings.get(n, nothing[1]))
        for n, (key, item) in enumerate(zip(keys, chunk, strict=True))
    }


def _facts(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Facts and list cells as one: key, value as people write it, raw, place."""
    names = {"list_column": "indicator", "sheet_row": "row_no", "sheet_col": "col_no"}
    cells = frames["list_cell"].assign(list_column=lambda f: f["list_column"] + "." + f["row_no"].astype("str"))
    both = pd.concat([frames["fact"], cells.drop(columns="row_no").rename(columns=names)])
    return both.merge(frames["sheet"], on=["sub_id", "sheet_no"]).rename(columns={"name": "sheet"})


def _place(row) -> str:
    return f"{row.sheet}!{openpyxl.utils.get_column_letter(row.col_no)}{row.row_no}"


def _value(row) -> str:
    if pd.notna(row.value):
        return shown(int(row.value))
    return row.text if isinstance(row.text, str) else "空"


def test_every_fact_and_finding_with_its_words_is_what_it_was(judged):
    lines = messy_lines(judged.titles, judged.chunk, judged.frames)
    assert lines == kept(MESSY).read_text(encoding="utf-8").splitlines()


@EACH
def test_messy_workbook_gives_exactly_its_facts_and_findings_in_every_format(case: Case, corpus):
    came = {format_: _told(corpus[case.name, format_]) for format_ in case.formats}
    assert came == {format_: (FORMATS.get(format_, format_), *case.expected(format_)) for format_ in case.formats}


def _told(came: Came) -> tuple[str, dict[str, tuple[str, str]], list[str], str]:
    """As what it was read, its facts with their cells, its findings, and whose it is."""
    facts = {row.indicator: (_value(row), _place(row)) for row in came.facts.itertuples()}
    found = [" ".join(filter(None, (row.code, row.sheet, row.cell))) for row in came.findings.itertuples()]
    return came.reading.format, facts, sorted(found), came.owner.unit.name if came.owner.unit else ""


@EACH
def test_another_library_finds_each_fact_in_the_cell_it_names(case: Case, corpus):
    books = dict[bytes, Callable[..., object]]()  # an .xlsm of the corpus is an .xlsx byte for byte, an .et an .xls
    for format_ in case.formats:
        came = corpus[case.name, format_]
        held = books[came.data] = books.get(came.data) or OPENED[format_](came.data)
        kinds = {(a.sheet, a.row, a.col): a.kind for a in (*came.reading.answers, *came.reading.list_cells)}
        for row in came.facts.itertuples():
            place = (row.sheet, row.row_no, row.col_no)
            assert _same(held(*place), row.raw, kinds[place]), (format_, _place(row), row.raw, held(*place))


def test_every_kind_of_finding_expected_is_registered():
    assert {said.split()[0] for case in CASES for said, _ in case.findings} <= set(KINDS)


def test_corpus_is_large_and_names_every_case_once():
    assert len({case.name for case in CASES}) == len(CASES)
    assert len(TRIED) >= 150


# ---- the same cell, by another library


def _same(held: object, raw: str, kind: str) -> bool:
    if kind == "struck":
        raw = raw.replace("（划去：", "").replace("）", "")
    if kind == "shown_otherwise":
        raw = raw.partition("（")[0]
    if kind == "blank":
        return held is None or not str(held).strip(" \u3000")
    if kind in ("date", "error", "formula_without_value"):
        return kind != "date" or held is not None
    if isinstance(held, bool) or kind == "bool":
        return str(bool(held)).upper() == raw
    if isinstance(held, int | float):
        figure = raw.removeprefix("约").rstrip("%万元")
        times = {"": 1, "%": 0.01, "万元": 10_000}[raw.removeprefix("约")[len(figure) :]]
        return f"{held:.15g}" in (f"{float(figure) * times:.15g}", figure)
    return str(held).strip() == raw.strip()


def _openpyxl(data: bytes):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return lambda sheet, row, column: book[sheet].cell(row, column).value


def _xlrd(data: bytes):
    import xlrd

    book = xlrd.open_workbook(file_contents=data)

    def held(sheet: str, row: int, column: int) -> object:
        page = book.sheet_by_name(sheet)
        if row > page.nrows or column > page.ncols:
            return None
        cell = page.cell(row - 1, column - 1)
        return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value

    return held


def _odfpy(data: bytes):
    """Cells and rows written once for several are spread out."""
    from odf.opendocument import load
    from odf.table import CoveredTableCell, Table, TableCell, TableRow

    cells: dict[tuple[str, int, int], object] = {}
    for table in load(io.BytesIO(data)).spreadsheet.getElementsByType(Table):
        row = 0
        for line in table.getElementsByType(TableRow):
            column, high = 0, int(line.getAttribute("numberrowsrepeated") or 1)
            for cell in line.childNodes:
                if cell.qname not in (TableCell().qname, CoveredTableCell().qname):
                    continue
                wide = int(cell.getAttribute("numbercolumnsrepeated") or 1)
                held = _odf_value(cell)
                for down in range(high if held is not None else 0):
                    for across in range(wide):
                        cells[table.getAttribute("name"), row + down + 1, column + across + 1] = held
                column += wide
            row += high
    return lambda *place: cells.get(place)


def _odf_value(cell) -> object:
    from odf.teletype import extractText

    kind = cell.getAttribute("valuetype")
    if kind in ("float", "percentage"):
        return float(cell.getAttribute("value"))
    if kind == "boolean":
        return cell.getAttribute("booleanvalue") == "true"
    paragraphs = [extractText(child) for child in cell.childNodes if child.qname[1] == "p"]
    return "\n".join(paragraphs) if paragraphs else None


def _pyxlsb(data: bytes):
    from pyxlsb import open_workbook

    with open_workbook(io.BytesIO(data)) as book:
        cells = {
            (name, cell.r + 1, cell.c + 1): cell.v
            for name in book.sheets
            for line in book.get_sheet(name).rows()
            for cell in line
        }
    return lambda *place: cells.get(place)


def _csv(data: bytes):
    rows = list(csv.reader(io.StringIO(data.decode("gb18030"), newline="")))
    return lambda sheet, row, column: rows[row - 1][column - 1]


OPENED = {
    "xlsx": _openpyxl, "xlsm": _openpyxl, "xls": _xlrd, "et": _xlrd, "ods": _odfpy, "xlsb": _pyxlsb, "csv": _csv,
}  # fmt: skip
