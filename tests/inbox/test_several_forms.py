"""A unit that owes several adopted forms: each is received, judged, sent back and reminded of by itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest

from flows import steps
from flows.commands.cli import main
from flows.commands.tell import as_dict
from flows.job import open_job
from flows.rebuild import rebuild
from flows.store.revisions import restore
from flows.store.standing import Standing
from flows.verify import verify
from schemas.errors import InputError
from tests.adopted_forms import VILLAGES, YEAR, Blank, township
from tests.office import rows_of, run_steps
from tests.text_tables import saved

EAST, SOUTH, WEST, NORTH, TWICE, TOGETHER, TORN = VILLAGES[:7]
PEOPLE = Blank(
    """
    == 人口
    | 2023年人口情况表 | | | |
    | ?unit_name:填报单位： | | | |
    | 代码 | 指标名称 | 计量单位 | 数量 |
    | 01 | 总户数 | 户 | {A01} |
    | 02 | 总人口 | 人 | {A02} |
    | 03 | 外出务工人员 | 人 | {A03} |
    | 04 | 五保供养人员 | 人 | {A04} |
    | 填表说明：按年末数填报，不要空着。 | | | |
    """,
    "vertical",
    heads=(3, 3),
    labels={"code": 1, "name": 2, "unit": 3},
)
ECONOMY = Blank(
    """
    == 经济
    | 2023年村集体经济情况表 | | | |
    | ?unit_name:单位名称： | | | |
    | 行次 | 项目 | 单位 | 本年 |
    | 1 | 集体收入 | 万元 | {B01} |
    | 2 | 集体支出 | 万元 | {B02} |
    | 3 | 领分红户数 | 户 | {B03} |
    | 注：收入、支出按账面数。 | | | |
    """,
    "vertical",
    heads=(3, 3),
    labels={"code": 1, "name": 2, "unit": 3},
    area="经济",
)
BETWEEN = '[relations.B03-A01]\nleft = "A01"\nrelation = ">="\nright = "B03"\nwords = "领分红户数不大于总户数"\n'
A, B = "人口情况表", "村集体经济情况表"


def people(village: str, households: object = 100) -> openpyxl.Workbook:
    return filled(PEOPLE, village, {"D4": households, "D5": 400, "D6": 50, "D7": 3})


def economy(village: str, income: object = 20.5, sharing: object = 90) -> openpyxl.Workbook:
    return filled(ECONOMY, village, {"D4": income, "D5": 10, "D6": sharing})


def together(village: str) -> openpyxl.Workbook:
    """Both forms on the sheets of one workbook, of which only the first says whose it is."""
    book = people(village)
    sheet = book.create_sheet("第二张")
    for row in economy("").worksheets[0].iter_rows():
        for cell in row:
            sheet[cell.coordinate] = cell.value
    return book


def filled(blank: Blank, village: str, cells: Mapping[str, object]) -> openpyxl.Workbook:
    book = blank.book()
    sheet = book.worksheets[0]
    sheet["A2"] = f"{sheet['A2'].value}{village}"
    for place, value in cells.items():
        sheet[place] = value
    return book


class Town:
    """A township that collects both forms."""

    def __init__(self, folder: Path) -> None:
        self.inbox = township(folder, PEOPLE, VILLAGES[:7], also=[ECONOMY], extra=BETWEEN)
        self.inputs, self.outputs = folder / "inputs", folder / "outputs"

    def send(self, name: str, book: openpyxl.Workbook) -> Path:
        (self.inbox / name).write_bytes(saved(book))
        return self.inbox / name

    def run(self) -> dict[str, str]:
        """Collect, judge and add up; the state of every unit."""
        with open_job(str(self.inputs), str(self.outputs), YEAR) as job:
            steps.take_in(job, YEAR)
        return dict(self.ask("SELECT unit_name, state FROM unit_states ORDER BY 1"))

    def ask(self, sql: str) -> list[tuple]:
        return rows_of(self.outputs, sql)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Standing]]:
    """What stands in VILLAGES' names: both forms right; the first alone; both, one wrong; none; two files of the first;
    both in one workbook; both, which contradict each other.
    """
    town = Town(tmp_path_factory.mktemp("forms"))
    for village in (EAST, SOUTH, WEST):
        town.send(f"{village}人口.xlsx", people(village))
    town.send(f"{EAST}经济.xlsx", economy(EAST))
    town.send(f"{WEST}经济.xlsx", economy(WEST, "不少"))
    for name, households in (("甲", 100), ("乙", 120)):
        town.send(f"{TWICE}{name}.xlsx", people(TWICE, households))
    town.send(f"{TWICE}经济.xlsx", economy(TWICE))
    town.send(f"{TOGETHER}.xlsx", together(TOGETHER))
    town.send(f"{TORN}人口.xlsx", people(TORN, 80))
    town.send(f"{TORN}经济.xlsx", economy(TORN, sharing=90))
    yield town, run_steps(town.inputs, town.outputs)


def test_unit_is_accepted_when_every_form_it_owes_is(collected: tuple[Town, Standing]) -> None:
    _, standing = collected
    assert {one.name: (one.state, one.accepted) for one in standing.arrivals} == {
        EAST: ("accepted", True),
        SOUTH: ("partial", False),
        WEST: ("returned", False),
        NORTH: ("missing", False),
        TWICE: ("returned", False),
        TOGETHER: ("accepted", True),
        TORN: ("returned", False),
    }
    assert not standing.complete


def test_current_figures_are_those_of_both_forms_and_totals_say_who_is_in(collected: tuple[Town, Standing]) -> None:
    town, _ = collected
    counted = "SELECT unit_name, count(*) FROM facts GROUP BY 1 ORDER BY 2, 1"
    assert dict(town.ask(counted)) == {EAST: 7, TOGETHER: 7, SOUTH: 4, WEST: 4, TWICE: 3, TORN: 3}
    totals = "SELECT indicator, CAST(value AS INT), units_counted, units_expected FROM totals "
    totals += "WHERE level = 'township' AND indicator IN ('A01', 'B02') ORDER BY 1"
    assert town.ask(totals) == [("A01", 400, 4, 7), ("B02", 40, 4, 7)]


def test_what_lacks_is_told_by_the_name_of_the_form(collected: tuple[Town, Standing]) -> None:
    town, standing = collected
    folder = town.outputs / str(YEAR)
    letters = {path.stem: path.read_text("utf-8") for path in (folder / "催报").glob("*.txt")}
    assert f"缺《{B}》" in letters[SOUTH] and f"缺《{B}》" not in letters[WEST]
    assert f"{WEST}-{B}.xlsx" in letters[WEST]
    back = {path.name for path in (folder / "退回").iterdir() if path.name.startswith(WEST)}
    assert back == {f"{WEST}-{B}-原件.xlsx", f"{WEST}-{B}.xlsx"}
    assert f"《{B}》未报" in (folder / "收报情况.html").read_text("utf-8")
    south = next(one for one in as_dict(standing)["units"] if one["name"] == SOUTH)
    assert [(one["name"], one["state"]) for one in south["forms"]] == [(A, "accepted"), (B, "missing")]


def test_store_rebuilt_has_both_forms_as_they_were(collected: tuple[Town, Standing]) -> None:
    town, _ = collected
    asked = "SELECT s.unit_name, s.revision, s.state, b.form, s.file FROM submissions s "
    asked += "JOIN base.submission b ON b.sub_id = s.submission ORDER BY ALL"
    before, facts = town.ask(asked), town.ask("SELECT * FROM facts ORDER BY ALL")
    assert len({form for *_, form, _ in before}) == 2

    rebuild(str(town.inputs), str(town.outputs), YEAR)

    assert town.ask(asked) == before and town.ask("SELECT * FROM facts ORDER BY ALL") == facts


def test_new_copy_of_one_form_displaces_that_form_alone_and_can_be_taken_back(town: Town) -> None:
    first = town.send("东风村人口.xlsx", people(EAST))
    town.send("东风村经济.xlsx", economy(EAST))
    town.run()
    first.unlink()
    town.send("东风村人口改.xlsx", people(EAST, 120))

    assert town.run()[EAST] == "accepted"
    figures = "SELECT indicator, CAST(value AS INT), revision FROM facts WHERE indicator IN ('A01', 'B02') ORDER BY 1"
    assert town.ask(figures) == [("A01", 120, 3), ("B02", 10, 2)]
    assert verify(town.outputs) == [] or all(one.kind == "published" for one in verify(town.outputs))

    with open_job(str(town.inputs), str(town.outputs), YEAR) as job:
        restore(job.store, YEAR, "660505505201", EAST, 1, "统计员", "改错了")
        steps.judge(job)
        with pytest.raises(InputError, match="最新"):
            restore(job.store, YEAR, "660505505201", EAST, 2, "统计员", "")
    assert town.ask(figures) == [("A01", 100, 4), ("B02", 10, 2)]


def test_two_files_of_the_same_form_are_refused_and_the_other_form_stands(collected: tuple[Town, Standing]) -> None:
    town, _ = collected
    told = town.ask("SELECT file, raw FROM findings WHERE code = 'TWO_FILES' ORDER BY 1")
    names = [f"{TWICE}乙.xlsx", f"{TWICE}甲.xlsx"]
    assert told == [(name, "、".join(names)) for name in names]
    assert town.ask(f"SELECT DISTINCT file FROM facts WHERE unit_name = '{TWICE}'") == [(f"{TWICE}经济.xlsx",)]


def test_one_workbook_with_both_forms_on_its_sheets_counts_for_both(collected: tuple[Town, Standing]) -> None:
    town, _ = collected
    counted = f"SELECT sheet, count(*) FROM facts WHERE unit_name = '{TOGETHER}' GROUP BY 1 ORDER BY 2"
    assert town.ask(counted) == [("第二张", 3), ("人口", 4)]


def test_relation_between_figures_of_two_forms_is_checked_over_both(collected: tuple[Town, Standing]) -> None:
    town, _ = collected
    [(file, cell, said)] = town.ask("SELECT file, cell, message FROM findings WHERE code = 'RELATION'")
    assert (file, cell) == (f"{TORN}人口.xlsx", "D4") and "领分红户数" in said


def test_what_a_unit_sent_is_told_with_the_form_that_each_file_is(
    collected: tuple[Town, Standing], capsys: pytest.CaptureFixture[str]
) -> None:
    town, _ = collected
    folders = ["--inputs", str(town.inputs), "--outputs", str(town.outputs), "--year", str(YEAR)]

    assert main(["status", "--unit", EAST, *folders]) == 0

    told = capsys.readouterr().out
    assert f"《{A}》" in told and f"《{B}》" in told and "→" not in told, "two forms are no versions of each other"


def test_package_of_a_year_with_several_forms_adds_up_where_it_is_received(
    collected: tuple[Town, Standing], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town, _ = collected
    folders = ["--inputs", str(town.inputs), "--outputs", str(town.outputs), "--year", str(YEAR)]
    assert main(["package", "make", str(tmp_path / "包.zip"), *folders]) == 3, "some are not in yet"

    assert main(["package", "check", str(tmp_path / "包.zip")]) == 0, capsys.readouterr().out
