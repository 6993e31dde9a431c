"""The clerk's corrections.toml: figures mended and doubts waived, guarded by what the clerk saw."""

from decimal import Decimal
from pathlib import Path

import pytest

from schemas.corrections import load_corrections
from schemas.errors import InputError
from schemas.roster import load_units
from tests.office import CATALOGUE
from tests.returning import YEAR, Collection, edit

VILLAGE = "三湾村"


def entry(**changed: object) -> str:
    """One entry of the file; a key given as None is left out."""
    keys = {
        "unit": VILLAGE, "indicator": "低保户数", "expect": 42, "value": 50, "reason": "漏填一组",
        "agreed_with": "三湾村会计", "date": "2024-01-05", **changed,
    }  # fmt: skip
    lines = [f"{key} = {_toml(key, value)}" for key, value in keys.items() if value is not None]
    return "\n".join(["[[corrections]]", *lines, ""])


def _toml(key: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if key == "date" or not isinstance(value, str) else f'"{value}"'


@pytest.fixture
def office(tmp_path) -> Collection:
    return Collection(tmp_path, VILLAGE)


def write(office: Collection, *entries: str) -> None:
    (office.inputs / str(YEAR) / "corrections.toml").write_text("\n".join(entries), encoding="utf-8")


def fact(office: Collection, name: str) -> tuple:
    found: list[tuple] = []
    query = "SELECT value, raw, sheet, cell, correction FROM facts WHERE year = ? AND name = ?"
    office.collect(lambda job: found.extend(job.store.rows(query, [YEAR, name])))
    assert len(found) == 1
    return found[0]


def codes(office: Collection, **wanted: object) -> set[str]:
    return {one["code"] for one in office.findings if all(one[key] == value for key, value in wanted.items())}


def test_corrected_figure_is_added_up_and_keeps_what_was_sent_where_it_was_sent(office):
    before = fact(office, "低保户数")
    write(office, entry())
    value, raw, *place, words = fact(office, "低保户数")
    assert (value, raw, place) == (Decimal(50), "42", list(before[2:4]))
    assert "漏填一组" in words and "三湾村会计" in words and "2024-01-05" in words
    assert office.states == {VILLAGE: "accepted"}
    assert codes(office, indicator="I01") == {"CORRECTED"}


def test_correction_taken_out_again_leaves_the_figure_as_sent_in_the_same_revision(office):
    write(office, entry())
    fact(office, "低保户数")
    (office.inputs / str(YEAR) / "corrections.toml").unlink()
    assert fact(office, "低保户数")[0] == 42
    counts: list[tuple] = []
    office.collect(lambda job: counts.extend(job.store.rows("SELECT count(*), max(revision) FROM base.submission")))
    assert counts == [(1, 1)]


def test_checks_see_the_corrected_figure(office):
    write(office, entry(value=91))
    office.collect()
    assert office.states == {VILLAGE: "returned"}
    assert "RELATION" in codes(office, grade="强制")


def test_correction_settles_what_was_wrong_with_the_text(office):
    edit(office.sent(VILLAGE), {"I01": "若干户"})
    write(office, entry(expect="若干户", value=42))
    assert fact(office, "低保户数")[:2] == (Decimal(42), "若干户")
    assert office.states == {VILLAGE: "accepted"}


@pytest.mark.parametrize(("expect", "sent"), [(41, 42), ("42户", 42), ("", 42), (0, "若干")])
def test_correction_of_a_figure_that_has_changed_since_stops_the_unit_and_says_so(office, expect, sent):
    edit(office.sent(VILLAGE), {"I01": sent})
    write(office, entry(expect=expect, value=40))
    value = fact_or_none(office)
    assert office.states == {VILLAGE: "returned"} and value is None
    [stale] = [one for one in office.findings if one["code"] == "CORRECTION_STALE"]
    assert str(sent) in stale["message"] and f"“{expect}”" in stale["message"] and stale["cell"]


def fact_or_none(office: Collection) -> object:
    found: list[tuple] = []
    office.collect(lambda job: found.extend(job.store.rows("SELECT value FROM facts WHERE name = '低保户数'")))
    return found[0][0] if found else None


def test_corrected_form_sent_in_afterwards_finds_the_correction_stale(office):
    write(office, entry())
    office.collect()
    edit(office.sent(VILLAGE), {"I01": 50})
    office.collect()
    assert office.states == {VILLAGE: "returned"}
    (office.inputs / str(YEAR) / "corrections.toml").unlink()
    office.collect()
    assert office.states == {VILLAGE: "accepted"}


def test_waiver_lets_a_doubt_pass_with_the_clerks_words(office):
    edit(office.sent(VILLAGE), {"I01": "约42户"})
    office.collect()
    assert office.states == {VILLAGE: "returned"} and codes(office, grade="核实") == {"APPROXIMATE"}
    write(office, entry(expect="约42户", value=None, waiver=True, reason="电话核对名册为 42 户"))
    office.collect()
    assert office.states == {VILLAGE: "accepted with explanations"}
    [doubt] = [one for one in office.findings if one["code"] == "APPROXIMATE"]
    assert doubt["explained"] and "电话核对名册为 42 户" in doubt["explanation"]


def test_waiver_does_not_lift_what_must_be_corrected(office):
    edit(office.sent(VILLAGE), {"I01": 99})
    write(office, entry(expect=99, value=None, waiver=True))
    office.collect()
    assert office.states == {VILLAGE: "returned"} and "RELATION" in codes(office, grade="强制")


def test_cell_of_a_line_list_is_corrected_by_its_row(office):
    rows: list[tuple] = []
    query = (
        "SELECT list_column, row_no, value, raw, correction FROM list_rows WHERE value IS NOT NULL ORDER BY ALL LIMIT 1"
    )
    office.collect(lambda job: rows.extend(job.store.rows(query)))
    column, row, value, raw, _ = rows.pop()
    write(office, entry(indicator=column, row=row, expect=raw, value=value + 1))
    office.collect(lambda job: rows.extend(job.store.rows(query)))
    assert rows[0][:4] == (column, row, value + 1, raw) and "漏填一组" in rows[0][4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(unit="三湾乡"), "是不是“三湾村”"),
        (entry(indicator="低保户"), "是不是“低保户数”"),
        (entry(indicator="监督检查次数"), "三湾村不填"),
        (entry(value=None), "要写一个"),
        (entry(waiver=True), "也只能写一个"),
        (entry(reason=" "), "reason 不能空着"),
        (entry(agreed_with=""), "agreed_with 不能空着"),
        (entry(value=1.5), "最多 0 位小数"),
        (entry(value="五十"), "要填数字"),
        (entry(expect=True), "expect 要写数字"),
        (entry(row=2), "不在明细表里"),
        (entry(indicator="L103"), "要写 row"),
        (entry(date='"昨天"'), "内容不合要求"),
        (entry().replace("reason", "resaon"), "是不是想写 reason"),
        (entry() + entry(value=60), "第 2 条"),
        ("[[corrections]", "写法有误"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_in_one_line(office, text, said):
    write(office, text)
    with pytest.raises(InputError, match=said) as refused:
        load_corrections(office.inputs, YEAR, CATALOGUE, load_units(office.inputs, "990101101", CATALOGUE))
    assert "corrections.toml" in str(refused.value) and "\n" not in str(refused.value)


def test_a_year_without_the_file_has_none(tmp_path: Path):
    assert load_corrections(tmp_path, YEAR, CATALOGUE, []).entries == ()
