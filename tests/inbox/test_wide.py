"""One wide file with a row for each village is as many submissions, through the inbox, the store and back again."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest

from flows import steps
from flows.job import open_job
from flows.rebuild import rebuild
from flows.store.revisions import restore
from flows.verify import verify
from tests.adopted_forms import VILLAGES, YEAR, Blank, township
from tests.office import rows_of, run_steps
from tests.text_tables import saved

WIDE = Blank(
    """
    == 汇总
    | 云岭镇 2023年村情统计表 | | | | | | |
    | 单位：户、人、亩 | | | | | | |
    | 序号 | 村名 | 户数 | | 人口 | | 耕地 |
    | | | 总户数 | 脱贫户 | 合计 | 女 | 面积 |
    | 甲 | 乙 | 1 | 2 | 3 | 4 | 5 |
    | 1 | | {W01} | {W02} | {W03} | {W04} | {W05} |
    | 填表说明：一村一行，不要留空行。 | | | | | | |
    ~ C3:D3
    ~ E3:F3
    """,
    "wide",
    heads=(3, 5),
    units={2: "unit_name"},
)


def filled(villages: Iterable[str] = VILLAGES) -> list[list[object]]:
    return [[n, name, 100 + n, n, 400 + n, 200 + n, 1000.5 + n] for n, name in enumerate(villages, 1)]


def wide(rows: list[list[object]]) -> bytes:
    """The filled wide form: its foot moves down under the rows."""
    book = WIDE.book()
    sheet = book.worksheets[0]
    foot = sheet["A7"].value
    sheet["A7"].value = None
    for number, row in enumerate([*rows, [foot]], start=6):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value
    return saved(book)


class Town:
    """A township that collects the wide form, its folders and what its store says."""

    def __init__(self, folder: Path) -> None:
        self.inbox = township(folder, WIDE)
        self.inputs, self.outputs = folder / "inputs", folder / "outputs"

    def send(self, name: str, rows: list[list[object]]) -> None:
        (self.inbox / name).write_bytes(wide(rows))

    def run(self, *only: str, retry: bool = False) -> dict[str, str]:
        """Collect without emitting anything; every submission's newest state, by unit or file."""
        with open_job(str(self.inputs), str(self.outputs), YEAR, only, retry) as job:
            steps.take_in(job, YEAR)
        sql = "SELECT coalesce(unit_name, file || ' ' || part), arg_max(state, submission) FROM ("
        sql += "SELECT v.*, s.part FROM submissions v JOIN base.submission s ON s.sub_id = v.submission) GROUP BY 1"
        return dict(self.ask(sql))

    def ask(self, sql: str) -> list[tuple]:
        return rows_of(self.outputs, sql)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def as_it_stands(town: Town, folder: Path) -> Town:
    """The same township, to go on with elsewhere."""
    other = Town.__new__(Town)
    shutil.copytree(town.inputs, folder / "inputs")
    shutil.copytree(town.outputs, folder / "outputs")
    other.inbox, other.inputs, other.outputs = (
        folder / town.inbox.relative_to(town.inputs.parent), folder / "inputs", folder / "outputs"
    )  # fmt: skip
    return other


@pytest.fixture(scope="module")
def one_wrong(tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, dict[str, str]]:
    """All villages' rows, of which one is wrong, and a stranger's; what became of them."""
    town = Town(tmp_path_factory.mktemp("wrong"))
    rows = filled()
    rows[2][3] = "若干"
    town.send("汇总.xlsx", [*rows, [16, "天外村", 1, 1, 1, 1, 1]])
    return town, town.run()


@pytest.fixture(scope="module")
def mended(one_wrong: tuple[Town, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, dict]:
    """Then the villages' rows again, all right, in another file."""
    town = as_it_stands(one_wrong[0], tmp_path_factory.mktemp("mended"))
    (town.inbox / "汇总.xlsx").unlink()
    town.send("汇总改.xlsx", filled())
    return town, town.run()


@pytest.fixture(scope="module")
def two_rows(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two villages' rows, collected."""
    town = Town(tmp_path_factory.mktemp("two"))
    town.send("汇总.xlsx", filled(VILLAGES[:2]))
    town.run()
    return town


def test_wide_file_of_fifteen_rows_is_fifteen_submissions_each_at_its_cells(town: Town) -> None:
    town.send("汇总.xlsx", filled())
    run_steps(town.inputs, town.outputs)

    said = town.ask(
        "SELECT unit_name, indicator, CAST(value AS VARCHAR), cell, sheet FROM facts WHERE indicator = 'W05'"
    )
    assert sorted(said) == sorted(
        (name, "W05", f"{1000.5 + n:.4f}", f"G{5 + n}", "汇总") for n, name in enumerate(VILLAGES, 1)
    )
    counted = "SELECT count(DISTINCT sha256), count(*), any_value(state) FROM submissions"
    assert town.ask(counted) == [(1, 15, "accepted")]
    assert verify(town.outputs) == []


STRANGER = {"汇总.xlsx 汇总!21": "unidentified"}


def test_one_wrong_row_goes_back_and_the_other_fourteen_stand(one_wrong, mended) -> None:
    _, states = one_wrong
    assert states == {**dict.fromkeys(VILLAGES, "accepted"), "西岭村": "returned", **STRANGER}

    town, states = mended
    assert states == {**dict.fromkeys(VILLAGES, "accepted"), **STRANGER}
    assert set(town.ask("SELECT max(revision) FROM submissions WHERE unit_code IS NOT NULL GROUP BY unit_code")) == {
        (2,)
    }


def test_retry_makes_only_the_rows_anew_that_failed(one_wrong, tmp_path: Path) -> None:
    town = as_it_stands(one_wrong[0], tmp_path)
    before = town.ask("SELECT submission, received_at FROM submissions ORDER BY 1")

    town.run(retry=True)
    town.run()

    assert town.ask("SELECT submission, received_at FROM submissions ORDER BY 1") == before


def test_row_without_a_village_or_of_a_stranger_is_asked_and_totals_are_no_village(town: Town) -> None:
    rows = filled(VILLAGES[:3])
    rows += [
        ["", "", 1, 1, 1, 1, 1],
        [5, "天外村", 1, 1, 1, 1, 1],
        ["合计", "", 9, 9, 9, 9, 9],
        [7, "石门村", *[None] * 5],
    ]
    town.send("汇总.xlsx", rows)

    states = town.run()

    accepted = {name: "accepted" for name in VILLAGES[:3]}
    assert states == {**accepted, "汇总.xlsx 汇总!9": "unidentified", "汇总.xlsx 汇总!10": "unidentified"}
    codes = town.ask("SELECT code FROM findings WHERE grade = '强制' ORDER BY code")
    assert codes == [("UNIT_UNCLEAR",), ("UNIT_UNKNOWN",)]


def test_village_in_two_rows_or_two_files_is_refused_as_everywhere(town: Town) -> None:
    rows = filled(VILLAGES[:3])
    town.send("汇总.xlsx", [*rows, [4, VILLAGES[0], 7, 7, 7, 7, 7]])
    town.send("另报.xlsx", [[1, VILLAGES[1], 8, 8, 8, 8, 8]])

    states = town.run()

    assert states == {VILLAGES[0]: "returned", VILLAGES[1]: "returned", VILLAGES[2]: "accepted"}
    told = town.ask("SELECT DISTINCT raw FROM findings WHERE code = 'TWO_FILES' ORDER BY 1")
    assert told == [("另报.xlsx 汇总!6、汇总.xlsx 汇总!7",), ("汇总.xlsx 汇总!6、汇总.xlsx 汇总!9",)]


def test_store_rebuilt_from_journal_and_archive_has_every_row_where_it_was(mended, tmp_path: Path) -> None:
    town = as_it_stands(mended[0], tmp_path)
    asked = "SELECT unit_name, revision, state, sha256, file FROM submissions ORDER BY ALL"
    before, facts = town.ask(asked), town.ask("SELECT * FROM facts ORDER BY ALL")

    rebuild(str(town.inputs), str(town.outputs), YEAR)

    assert town.ask(asked) == before and town.ask("SELECT * FROM facts ORDER BY ALL") == facts
    assert verify(town.outputs) == []


def test_file_that_was_unknown_before_its_form_was_adopted_is_no_stranger_afterwards(town: Town) -> None:
    forms = town.inputs / "catalogue" / "forms"
    shutil.move(forms, town.inputs / "forms")
    town.send("汇总.xlsx", filled())
    assert town.run() == {"汇总.xlsx ": "unreadable"}

    shutil.move(town.inputs / "forms", forms)

    assert town.run() == dict.fromkeys(VILLAGES, "accepted")
    assert "流水账" not in str(verify(town.outputs))


def test_one_village_alone_takes_in_its_whole_file_and_nothing_of_other_files(town: Town) -> None:
    town.send("甲.xlsx", filled(VILLAGES[:2]))
    town.send("乙.xlsx", filled(VILLAGES[2:4]))

    assert town.run(VILLAGES[0]) == dict.fromkeys(VILLAGES[:2], "accepted")
    assert town.run() == dict.fromkeys(VILLAGES[:4], "accepted")


def test_village_that_sends_its_own_row_later_counts_and_is_asked_when_the_earlier_file_comes_again(
    two_rows: Town, tmp_path: Path
) -> None:
    town = as_it_stands(two_rows, tmp_path)
    (town.inbox / "汇总.xlsx").rename(town.inbox.parent / "away.xlsx")
    town.send("改.xlsx", [[1, VILLAGES[0], 9, 9, 9, 9, 9]])
    town.run()
    assert town.ask("SELECT unit_name, value FROM facts WHERE indicator = 'W01' ORDER BY 2")[0][0] == VILLAGES[0]

    (town.inbox / "改.xlsx").unlink()
    (town.inbox.parent / "away.xlsx").rename(town.inbox / "汇总.xlsx")
    town.run()

    said = town.ask("SELECT unit_name, CAST(value AS INTEGER), revision FROM facts WHERE indicator = 'W01' ORDER BY 2")
    assert said == [(VILLAGES[0], 9, 2), (VILLAGES[1], 102, 1)]
    asked = town.ask("SELECT unit_name, code FROM findings WHERE grade = '核实'")
    assert asked == [(VILLAGES[0], "EARLIER_AGAIN")]


def test_workbook_with_a_sheet_for_each_village_is_a_submission_for_each(town: Town) -> None:
    book = openpyxl.load_workbook(_stream(wide(filled(VILLAGES[:1]))))
    for name in VILLAGES[1:3]:
        sheet = book.copy_worksheet(book.worksheets[0])
        sheet.title = name
        sheet["B6"].value = name
    (town.inbox / "各村.xlsx").write_bytes(saved(book))

    assert town.run() == dict.fromkeys(VILLAGES[:3], "accepted")


def test_row_of_an_earlier_file_is_taken_up_again_and_rebuilt_so(two_rows: Town, tmp_path: Path) -> None:
    town = as_it_stands(two_rows, tmp_path)
    (town.inbox / "汇总.xlsx").unlink()
    town.send("改.xlsx", [[1, VILLAGES[0], 9, 9, 9, 9, 9], [2, VILLAGES[1], 8, 8, 8, 8, 8]])
    town.run()
    with open_job(str(town.inputs), str(town.outputs), YEAR) as job:
        restore(job.store, YEAR, "660505505201", VILLAGES[0], 1, "统计员", "后报的填错了行")
        steps.judge(job)
    asked = "SELECT unit_name, CAST(value AS INTEGER), revision, cell FROM facts WHERE indicator = 'W01' ORDER BY 1"
    wanted = [(VILLAGES[0], 101, 3, "C6"), (VILLAGES[1], 8, 2, "C7")]
    assert sorted(town.ask(asked)) == sorted(wanted)

    rebuild(str(town.inputs), str(town.outputs), YEAR)

    assert sorted(town.ask(asked)) == sorted(wanted)


def _stream(data: bytes):
    import io

    return io.BytesIO(data)
