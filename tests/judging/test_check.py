"""Checks, written as text tables: what a village answers (code, raw text, | explanation), what must be found."""

import json

import pytest

from flows.inbox.owner import Owner
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.reading.records import Answer, ListCell, Reading
from schemas.checks import checks_of, plain
from schemas.findings import Finding
from schemas.roster import Unit
from tests.office import CATALOGUE, CATALOGUE_LIST

UNIT = Unit("990101101208", "三湾村", "村", "山区")
REQUIRED = [i.code for i in CATALOGUE.reported(2023) if i.blank == "missing"]
# A village in which everything that must be answered is answered, and every area has a figure.
SOUND = {"J01": "350", "J02": "1400", "J03": "1300", "J04": "7000", "J05": "800"} | {
    "A01": "12", "A03": "5", "A07": "12", "A13": "7", "A14": "5", "B01": "20", "B02": "2", "B03": "1", "B04": "70",
    "B05": "5", "B06": "2", "B18": "300", "B27": "90",
    "C05": "4000", "C06": "900", "D01": "5000", "D27": "900", "D28": "500",
    "F04": "0", "G09": "3", "G10": "150", "G11": "156", "H01": "700", "I01": "40", "I02": "85", "I08": "60",
    "I25": "1200",
}  # fmt: skip


def read(table: str, sound: dict[str, str] | None = None, rows: list[dict[str, str]] = ()) -> Reading:
    """A reading: a sound village, changed by the lines of the table; `C05 -` leaves the row out."""
    cells = {code: (raw, "number", "") for code, raw in (SOUND if sound is None else sound).items()}
    for line in filter(None, map(str.strip, table.splitlines())):
        words, _, explanation = line.partition("|")
        code, _, raw = words.strip().partition(" ")
        kind = "blank" if raw in ("", "空") else "number" if raw.lstrip("-").replace(".", "", 1).isdigit() else "text"
        cells[code] = ("" if kind == "blank" else raw, kind, explanation.strip())
    dropped = {code for code, (raw, _, _) in cells.items() if raw == "删行"}
    answers = []
    for number, item in enumerate(CATALOGUE.reported(2023), start=6):
        raw, kind, explanation = cells.get(item.code, ("", "blank", ""))
        if item.code not in dropped:
            answers.append(Answer(item.code, raw, kind, item.area, number, 5, explanation))
    list_cells = [
        ListCell(CATALOGUE_LIST[column], n, column, raw, "blank" if raw == "" else "text", "明细", 5 + n, 2 + c)
        for n, row in enumerate(rows, start=1)
        for c, (column, raw) in enumerate(row.items())
    ]
    return Reading("0" * 64, "三湾村.xlsx", kind="village", answers=answers, list_cells=list_cells)


def judge(table: str, **options) -> dict:
    return check([Submission(1, read(table, **options), Owner(UNIT), 1)], CATALOGUE, 2023)


def found(table: str, **options) -> list[tuple[str, str, str]]:
    """What is found: (code, indicator, grade), without what a sound village already has."""
    findings = judge(table, **options)["finding"]
    return list(zip(findings["code"], findings["indicator"], findings["grade"], strict=True))


def test_sound_village_has_no_finding():
    assert found("") == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("I01 若干户", [("NOT_A_NUMBER", "I01", "强制")]),
        ("I01 -3", [("NEGATIVE", "I01", "强制")]),
        ("I01 空", [("MISSING", "I01", "强制")]),
        ("J01 空", [("MISSING", "J01", "强制")]),
        ("I02 30", [("RELATION", "I02", "强制")]),
        ("J02 300 \n J03 300\nJ05 200", [("RELATION", "J02", "强制")]),
        ("J03 1401", [("RELATION", "J02", "强制")]),
        ("I08 5\nI09 9", [("RELATION", "I08", "强制")]),
    ],
    ids=lambda value: value.replace("\n", ",") if isinstance(value, str) else "",
)
def test_wrong_answer_is_found(table, expected):
    hits = found(table)
    for one in expected:
        assert one in hits, hits


def test_blank_that_means_zero_is_zero_and_no_finding():
    stored = judge("I06 空")["fact"].set_index("indicator")
    assert CATALOGUE.indicators["I06"].blank == "zero"
    assert (stored.at["I06", "value"], stored.at["I06", "raw"]) == (0, "")


def test_message_says_where_what_and_how_to_mend():
    [found] = judge("I02 30")["finding"].to_dict("records")
    details = json.loads(found["details"])
    message = Finding(found["code"], found["sheet"], found["cell"], details=details).message("三湾村")
    row = next(a.row for a in read("").answers if a.indicator == "I02")
    assert (
        message
        == f"三湾村 民生保障 E{row}：低保人口 30，小于低保户数 40；低保人口不得少于低保户数（相差 10）。请核对后重报。"
    )


def test_unreadable_figure_does_not_raise_the_checks_that_use_it():
    assert found("I01 不知道") == [("NOT_A_NUMBER", "I01", "强制")]


def test_missing_figure_does_not_raise_the_checks_that_use_it():
    assert found("J01 空") == [("MISSING", "J01", "强制")]


def test_sum_that_does_not_add_up_is_said_once_not_for_every_part():
    hits = found("H04 5\nH05 9\nH06 0\nH07 0")
    assert hits == [("RELATION", "H04", "强制")]


def test_blank_area_is_one_finding():
    sound = {code: raw for code, raw in SOUND.items() if not code.startswith("I")}
    hits = found("", sound=sound)
    assert hits == [("AREA_BLANK", "", "强制")]


def test_doubtful_figure_with_a_specific_explanation_is_explained():
    table = judge("A07 3 | 疫情期间村党支部停办九个月主题党日，镇党委备案")["finding"]
    assert list(table["code"]) == ["RELATION_DOUBT"]
    assert table["explained"].all()


@pytest.mark.parametrize("words", ["属实", "核实无误", "情况属实，无误。", "无", "好的", "啊啊啊啊啊啊啊啊"])
def test_stock_phrase_explains_nothing(words):
    table = judge(f"A07 3 | {words}")["finding"]
    assert list(table["explained"]) == [False]


def test_must_correct_is_not_explained_away():
    table = judge("I02 30 | 本村低保户中有十户正在办理迁出手续")["finding"]
    assert list(table["explained"]) == [False]


def test_list_row_lacking_something_and_bad_choice():
    columns = list(CATALOGUE.lists["L2"].columns)
    kind = next(c for c in columns if c.type == "choice")
    row = {c.code: "" for c in columns} | {kind.code: "养猫基地"}
    codes = [code for code, _, _ in found("", rows=[row])]
    assert "NOT_A_CHOICE" in codes
    assert "ROW_INCOMPLETE" in codes


def test_negative_in_a_list_is_found():
    row = {"L101": "光伏电站", "L102": "建设", "L103": "-5", "L104": "0", "L105": "在建"}
    assert ("NEGATIVE", "L103", "强制") in found("", rows=[row])


def test_values_are_whole_ten_thousandths():
    stored = judge("F04 1.25")["fact"].set_index("indicator")
    assert stored.at["F04", "value"] == 12500
    assert [plain(value) for value in (12500, 10_000, 0, None)] == ["1.25", "1", "0", "（空）"]


def test_every_relation_of_the_villages_is_checked():
    ids = {check.id for check in checks_of(CATALOGUE, 2023)}
    reported = {item.code for item in CATALOGUE.reported(2023)}
    for relation in CATALOGUE.relations.values():
        assert (relation.id in ids) == (set(relation.codes) <= reported), relation.id
