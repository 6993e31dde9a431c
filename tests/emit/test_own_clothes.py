"""What goes back of an adopted form is the village's own file, its wrong cells marked and nothing else touched."""

import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from flows import steps
from flows.emit.returns import clothes
from flows.emit.returns.returns import write_returns
from flows.job import open_job
from flows.reading import office as libreoffice
from tests.adopted_forms import VILLAGES, YEAR, township
from tests.inbox.test_wide import WIDE, wide
from tests.inbox.test_wide import filled as filled_rows
from tests.libreoffice import saved_as
from tests.reading.test_filled import FIGURES, VERTICAL, filled


class Office:
    """A township whose returned files are looked at."""

    def __init__(self, folder: Path, blank, villages) -> None:
        self.inbox = township(folder, blank, villages)
        self.inputs, self.outputs = folder / "inputs", folder / "outputs"
        self.back = self.outputs / str(YEAR) / "退回"

    def collect(self) -> dict[str, str]:
        with open_job(str(self.inputs), str(self.outputs), YEAR) as job:
            job = steps.take_in(job, YEAR)
            write_returns(job.store, job.catalogue, job.settings, YEAR, self.back, self.outputs / "archive")
            return dict(job.store.rows("SELECT unit_name, state FROM unit_states WHERE state <> 'missing'"))

    def names(self) -> list[str]:
        return sorted(path.name for path in self.back.iterdir())


def with_more(data: bytes) -> bytes:
    """With what a saving library would drop: a drawing of its own, a comment of the village's, a format."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    sheet["E6"].comment = Comment("村会计注", "李四")
    sheet["E6"].number_format = "#,##0"
    buffer = io.BytesIO()
    book.save(buffer)
    source, out = zipfile.ZipFile(buffer), io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            package.writestr(name, source.read(name))
        package.writestr("xl/media/image1.png", b"\x89PNG picture of the village")
    return out.getvalue()


@pytest.fixture(scope="module")
def returned(tmp_path_factory) -> Office:
    """Two villages of the vertical form: one is right, one has a figure that is none."""
    office = Office(tmp_path_factory.mktemp("office"), VERTICAL, VILLAGES[:2])
    figures = {code: value for code, value in FIGURES.items() if code != "T01"} | {"T01": 1}
    (office.inbox / "甲.xlsx").write_bytes(filled(VERTICAL, figures, unit=VILLAGES[0]))
    (office.inbox / "乙.xlsx").write_bytes(
        with_more(filled(VERTICAL, {**figures, "P02": "十来户吧"}, unit=VILLAGES[1]))
    )
    office.states = office.collect()
    return office


def test_wrong_cell_of_the_villages_own_file_is_marked_and_the_rest_is_untouched(returned: Office) -> None:
    assert returned.states == {VILLAGES[0]: "accepted", VILLAGES[1]: "returned"}
    assert returned.names() == [f"{VILLAGES[1]}-原件.xlsx", f"{VILLAGES[1]}.xlsx"]
    path = returned.back / f"{VILLAGES[1]}.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["退回说明", "基本情况"] and book.active.title == "退回说明"
    sheet = book["基本情况"]
    assert sheet["E6"].fill.fgColor.rgb == clothes.RED and sheet["E6"].number_format == "#,##0"
    assert sheet["E6"].value == "十来户吧" and sheet["E5"].fill.fgColor.rgb != clothes.RED
    said = sheet["E6"].comment.text
    assert said.startswith("村会计注") and "怎样改" in said
    notice = [[cell.value for cell in row] for row in book["退回说明"].iter_rows()]
    [row] = [row for row in notice if row[0] == "1"]
    assert row[1] == "基本情况 E6" and row[2].startswith("P02") and "十来户吧" in row[3]
    with zipfile.ZipFile(path) as mine, zipfile.ZipFile(returned.back / f"{VILLAGES[1]}-原件.xlsx") as theirs:
        assert mine.read("xl/media/image1.png") == theirs.read("xl/media/image1.png")
        same = {name for name in theirs.namelist() if mine.read(name) == theirs.read(name)}
        assert {"xl/theme/theme1.xml", "docProps/core.xml", "xl/media/image1.png"} <= same


def test_marked_copy_opens_elsewhere_with_its_marks_and_its_formats(returned: Office, tmp_path: Path) -> None:
    again = openpyxl.load_workbook(saved_as("xlsx", tmp_path, [returned.back / f"{VILLAGES[1]}.xlsx"])[0])

    assert again.sheetnames == ["退回说明", "基本情况"]
    assert again["基本情况"]["E6"].fill.fgColor.rgb == clothes.RED and again["基本情况"]["E6"].comment


def test_copy_mended_in_place_is_accepted_and_one_not_mended_loses_no_mark_and_gains_none(returned: Office) -> None:
    path = returned.back / f"{VILLAGES[1]}.xlsx"
    first = path.read_bytes()
    (returned.inbox / "乙.xlsx").unlink()
    again = openpyxl.load_workbook(path)
    again["基本情况"]["E7"].value = "不知道"
    again["基本情况"]["E6"].value = 12
    again.save(returned.inbox / "乙改.xlsx")

    assert returned.collect()[VILLAGES[1]] == "returned"

    sheet = openpyxl.load_workbook(path)["基本情况"]
    assert path.read_bytes() != first
    assert sheet["E6"].fill.fgColor.rgb != clothes.RED and sheet["E7"].fill.fgColor.rgb == clothes.RED
    assert openpyxl.load_workbook(path).sheetnames == ["退回说明", "基本情况"]
    mended = openpyxl.load_workbook(path)
    mended["基本情况"]["E7"].value = 1530
    (returned.inbox / "乙改.xlsx").unlink()
    mended.save(returned.inbox / "乙再改.xlsx")
    assert returned.collect()[VILLAGES[1]] == "accepted" and returned.names() == []


def test_wide_file_goes_back_once_with_its_wrong_rows_marked_and_reasons_are_read_by_village(tmp_path: Path) -> None:
    office = Office(tmp_path, WIDE, VILLAGES[:5])
    rows = filled_rows(VILLAGES[:5])
    rows[1][2], rows[3][5] = "约一百户", "不详"
    (office.inbox / "汇总.xlsx").write_bytes(wide(rows))

    states = office.collect()

    assert [name for name, state in states.items() if state == "returned"] == [VILLAGES[1], VILLAGES[3]]
    assert office.names() == ["多单位-汇总-原件.xlsx", "多单位-汇总.xlsx"]
    copy = "多单位-汇总.xlsx"
    book = openpyxl.load_workbook(office.back / copy)
    cells = [cell for row in book["汇总"].iter_rows() for cell in row]
    marked = [cell.coordinate for cell in cells if cell.fill.fgColor.rgb in (clothes.RED, clothes.ORANGE)]
    assert marked == ["C7", "F9"]
    notice = book["退回说明"]
    told = {row[2].value: row for row in notice.iter_rows() if row[0].value in ("1", "2")}
    assert set(told) == {VILLAGES[1], VILLAGES[3]}
    told[VILLAGES[1]][6].value = "户口簿年底统一换发，尚未逐户点清，按乡派出所十二月册"
    book["汇总"]["F9"].value = 204
    (office.inbox / "汇总.xlsx").unlink()
    book.save(office.inbox / "汇总改.xlsx")
    assert office.collect()[VILLAGES[1]] == "accepted with explanations"


def test_file_of_an_old_format_is_marked_through_libreoffice_or_listed_where_there_is_none(
    tmp_path: Path, monkeypatch
) -> None:
    office = Office(tmp_path, VERTICAL, VILLAGES[:1])
    (tmp_path / "one.xlsx").write_bytes(filled(VERTICAL, {**FIGURES, "T01": 1, "P02": "十来户吧"}, unit=VILLAGES[0]))
    [old] = saved_as("xls", tmp_path / "old", [tmp_path / "one.xlsx"])
    shutil.copy(old, office.inbox / "甲.xls")
    office.collect()
    book = openpyxl.load_workbook(office.back / f"{VILLAGES[0]}.xlsx")
    assert book.sheetnames == ["退回说明", "基本情况"] and book["基本情况"]["E6"].fill.fgColor.rgb == clothes.RED

    shutil.rmtree(office.back)
    monkeypatch.setattr(libreoffice, "office", lambda: None)
    office.collect()

    book = openpyxl.load_workbook(office.back / f"{VILLAGES[0]}.xlsx")
    assert book.sheetnames == ["退回说明"] and f"{VILLAGES[0]}-原件.xls" in office.names()
