"""The clerk's lists: every finding unit by unit, whom to remind of what, and nothing in them that a sender can run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest

from flows.emit.lists.lists import write_lists
from flows.job import Job
from flows.store.pending import load_pending
from tests.returning import YEAR, Collection, edit

REASON = "疫情期间村党支部停办九个月主题党日，镇党委备案"
DUE = datetime(2024, 1, 10, 10, tzinfo=UTC)
"""The sample's deadline, 18:00 in Shanghai."""


def table(path: Path, name: str) -> list[dict[str, object]]:
    """The rows of a sheet by head."""
    rows = list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if row[0] == "序号")
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]


class Office(Collection):
    """Villages in every situation, and the lists of what is known of them."""

    def lists(self, now: datetime = DUE) -> tuple[Path, Path]:
        found: list[Path] = []
        folder = self.outputs / str(YEAR)

        def write(job: Job) -> None:
            pending = load_pending(job.store, job.catalogue, job.settings, YEAR)
            found.extend(write_lists(pending, job.settings, YEAR, now, folder))

        self.collect(write)
        return found[0], found[1]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("office"), "三湾村", "大湾村", "东风村", "罗川村")
    edit(office.sent("三湾村"), {"I01": "=cmd|'/c calc'!A0", "A07": (3, "属实"), "J01": "@若干"})
    edit(office.sent("东风村"), {"A07": (3, REASON)})
    office.sent("大湾村").unlink()
    (office.inbox / "年终.docx").write_bytes(b"PK\x03\x04")
    (office.inbox / "~$三湾村.xlsx").write_bytes(b"lock")
    return office


@pytest.fixture(scope="module")
def lists(office: Office) -> tuple[Path, Path]:
    return office.lists(datetime(2024, 1, 12, 2, tzinfo=UTC))


def test_problem_list_has_a_sheet_per_grade_that_can_be_filtered(lists):
    book = openpyxl.load_workbook(lists[0])
    assert book.sheetnames == ["汇总", "强制", "核实", "提示"]
    for sheet in book:
        assert sheet.auto_filter.ref and sheet.print_title_rows and sheet.page_setup.orientation == "landscape"


def test_problem_list_says_where_what_how_and_whether_it_is_explained(lists):
    rows = {(row["单位"], row["代码"]): row for row in table(lists[0], "强制")}
    wrong = rows["三湾村", "J01"]
    assert (wrong["表"], wrong["单元格"], wrong["指标"], wrong["报的是"]) == ("基本情况", "E7", "总户数", "@若干")
    assert wrong["问题"] == "总户数填的是“@若干”，不是数字" and wrong["怎样改"].startswith("请只填数字")
    doubts = {row["单位"]: row for row in table(lists[0], "核实")}
    assert (doubts["三湾村"]["现状"], doubts["三湾村"]["说明是否采纳"]) == ("须核对或说明", "不采纳：只是套话")
    assert (doubts["东风村"]["现状"], doubts["东风村"]["情况说明"]) == ("已说明", REASON)
    assert [row["单位"] for row in table(lists[0], "提示")] == ["~$三湾村.xlsx"]


def test_problem_list_counts_every_unit(office, lists):
    rows = {row["单位"]: row for row in table(lists[0], "汇总")}
    assert (rows["大湾村"]["报送情况"], rows["罗川村"]["须改正"], rows["三湾村"]["须改正"]) == ("未报", 0, 2)
    with duckdb.connect(str(office.outputs / "cunhui.duckdb"), read_only=True) as db:
        query = "SELECT count(*) FROM findings WHERE grade = '强制' AND state NOT IN ('superseded', 'duplicate')"
        [must] = db.execute(query).fetchone()
    assert rows["合计"]["须改正"] == must == len(table(lists[0], "强制"))


def test_text_of_a_sender_stays_text(lists):
    for path in lists:
        for sheet in openpyxl.load_workbook(path):
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_reminders_name_who_has_not_sent_and_who_has_not_mended(lists):
    rows = table(lists[1], "催报名单")
    assert [(row["单位"], row["情况"], row["超期几天"]) for row in rows] == [
        ("大湾村", "未报", 2),
        ("三湾村", "已退回", 2),
    ]
    assert rows[1]["未了的问题"] == "须改正 2 处，须核对或说明 1 处"
    assert rows[1]["联系电话"] == "0000-1220807" and rows[1]["填表人"]
    assert rows[0]["可以发给对方的话"].startswith("大湾村：2023年度年报还没有收到。")
    files = table(lists[1], "认不出的文件")
    assert [row["文件"] for row in files] == ["年终.docx", "~$三湾村.xlsx"]


@pytest.mark.parametrize(
    ("days", "words"),
    [(-3, "还有 3 天"), (0, "今天到期"), (1, "已过 1 天")],
)
def test_reminders_count_the_days_to_the_deadline(office, days, words):
    _, reminders = office.lists(DUE + timedelta(days=days, hours=-1))
    assert words in openpyxl.load_workbook(reminders)["催报名单"]["A2"].value
    assert [row["超期几天"] for row in table(reminders, "催报名单")] == [days if days > 0 else None] * 2


def test_reminders_say_how_long_findings_have_been_open_and_since_which_revision(tmp_path):
    office = Office(tmp_path, "三湾村")
    office.lists()
    sound = office.sent("三湾村").read_bytes()
    edit(office.sent("三湾村"), {"J01": "若干"})
    office.lists()
    edit(office.sent("三湾村"), {"J01": "许多"})
    with duckdb.connect(str(office.outputs / "cunhui.duckdb")) as db:
        db.execute("UPDATE base.submission SET received_at = TIMESTAMPTZ '2024-01-01 00:00:00+08' + "
                   "to_days(CAST(revision AS INTEGER))")  # fmt: skip
    _, reminders = office.lists(datetime(2024, 1, 9, 4, tzinfo=UTC))
    [row] = table(reminders, "催报名单")
    assert (row["自哪天起"], row["已有几天"]) == ("2024-01-03", 6)
    assert "此前报的仍采用" in row["未了的问题"]
    office.sent("三湾村").write_bytes(sound)
    _, reminders = office.lists()
    assert table(reminders, "催报名单") == []
    assert "各单位都已报齐并采用" in openpyxl.load_workbook(reminders)["催报名单"]["A2"].value


def test_lists_are_the_same_for_the_same_moment_and_untouched_when_nothing_changed(office):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in office.lists()}
    again = office.lists()
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in again} == before
