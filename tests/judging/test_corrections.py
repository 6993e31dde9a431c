"""The clerk's corrections.toml: figures mended and doubts waived, guarded by what the clerk saw."""

from decimal import Decimal
from pathlib import Path

import pytest

from schemas.corrections import load_corrections
from schemas.errors import InputError
from schemas.roster_file import load_units
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


class Seen:
    """What a collection has come to: 低保户数 and the first number of a line list by village, states and findings."""

    def __init__(self, office: Collection) -> None:
        facts = "SELECT unit_name, value, raw, sheet, cell, correction FROM facts WHERE year = ? AND name = '低保户数'"
        rows = (
            "SELECT unit_name, list_column, row_no, value, raw, correction FROM list_rows WHERE value IS NOT NULL "
            "QUALIFY row_number() OVER (PARTITION BY unit_name ORDER BY list_column, row_no) = 1"
        )
        revisions = "SELECT unit_name, count(*), max(revision) FROM submissions GROUP BY ALL"

        def look(job) -> None:
            self.facts = {unit: tuple(rest) for unit, *rest in job.store.rows(facts, [YEAR])}
            self.rows = {unit: tuple(rest) for unit, *rest in job.store.rows(rows)}
            self.revisions = {unit: tuple(rest) for unit, *rest in job.store.rows(revisions)}

        office.collect(look)
        self.states, self.findings = office.states, office.findings

    def of(self, unit: str) -> list[dict]:
        return [one for one in self.findings if one["unit_name"] == unit]

    def codes(self, unit: str, **wanted: object) -> set[str]:
        return {one["code"] for one in self.of(unit) if all(one[key] == value for key, value in wanted.items())}


CORRECTED, BEYOND, WORDS, IN_A_LIST, SENT_AGAIN = "三湾村", "大湾村", "花岔村", "南川村", "东风村"
DOUBTED, WRONG = "将台村", "太平村"
STALE = {
    "小岔口村": (lambda sent: sent - 1, None),
    "大岔村": (lambda sent: f"{sent}户", None),
    "张沟村": (lambda sent: "", None),
    "罗川村": (lambda sent: 0, "若干"),
}
"""What the clerk expects of what the village sent, and what it sent where that is no figure."""


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> list[Seen]:
    """As it was sent; with corrections; with a corrected form sent in; with the corrections taken out again."""
    others = [CORRECTED, BEYOND, WORDS, IN_A_LIST, SENT_AGAIN, DOUBTED, WRONG]
    office = Collection(tmp_path_factory.mktemp("corrections"), *others, *STALE)
    edit(office.sent(WORDS), {"I01": "若干户"})
    edit(office.sent(DOUBTED), {"I01": "约42户"})
    edit(office.sent(WRONG), {"I01": 9999})
    edit(office.sent("罗川村"), {"I01": "若干"})
    before = Seen(office)
    sent = {unit: int(value) for unit, (value, *_) in before.facts.items()}
    column, row, value, raw, _ = before.rows[IN_A_LIST]
    write(
        office,
        entry(unit=CORRECTED),
        entry(unit=BEYOND, expect=sent[BEYOND], value=9999),
        entry(unit=WORDS, expect="若干户", value=42),
        entry(unit=IN_A_LIST, indicator=column, row=row, expect=raw, value=value + 1),
        entry(unit=SENT_AGAIN, expect=sent[SENT_AGAIN]),
        entry(unit=DOUBTED, expect="约42户", value=None, waiver=True, reason="电话核对名册为 42 户"),
        entry(unit=WRONG, expect=9999, value=None, waiver=True),
        *(entry(unit=unit, expect=expect(sent.get(unit, 0)), value=40) for unit, (expect, _) in STALE.items()),
    )
    corrected = Seen(office)
    edit(office.sent(SENT_AGAIN), {"I01": 50})
    sent_again = Seen(office)
    (office.inputs / str(YEAR) / "corrections.toml").unlink()
    return [before, corrected, sent_again, Seen(office)]


def test_corrected_figure_is_added_up_and_keeps_what_was_sent_where_it_was_sent(told):
    before, corrected, *_ = told
    value, raw, *place, words = corrected.facts[CORRECTED]
    assert (value, raw, place) == (Decimal(50), "42", list(before.facts[CORRECTED][2:4]))
    assert "漏填一组" in words and "三湾村会计" in words and "2024-01-05" in words
    assert corrected.states[CORRECTED] == "accepted"
    assert corrected.codes(CORRECTED, indicator="I01") == {"CORRECTED"}


def test_correction_taken_out_again_leaves_the_figure_as_sent_in_the_same_revision(told):
    assert told[-1].facts[CORRECTED][0] == 42
    assert told[-1].revisions[CORRECTED] == (1, 1)


def test_checks_see_the_corrected_figure(told):
    before, corrected, *_ = told
    assert (before.states[BEYOND], corrected.states[BEYOND]) == ("accepted", "returned")
    assert "RELATION" in corrected.codes(BEYOND, grade="强制")


def test_correction_settles_what_was_wrong_with_the_text(told):
    before, corrected, *_ = told
    assert before.states[WORDS] == "returned"
    assert corrected.facts[WORDS][:2] == (Decimal(42), "若干户")
    assert corrected.states[WORDS] == "accepted"


@pytest.mark.parametrize("village", STALE)
def test_correction_of_a_figure_that_has_changed_since_stops_the_unit_and_says_so(told, village):
    before, corrected, *_ = told
    expect, words = STALE[village]
    sent = words or int(before.facts[village][0])
    assert corrected.states[village] == "returned" and village not in corrected.facts
    [stale] = [one for one in corrected.of(village) if one["code"] == "CORRECTION_STALE"]
    expected = expect(0 if words else sent)
    assert str(sent) in stale["message"] and f"“{expected}”" in stale["message"] and stale["cell"]


def test_corrected_form_sent_in_afterwards_finds_the_correction_stale(told):
    _, corrected, sent_again, ended = told
    states = [one.states[SENT_AGAIN] for one in (corrected, sent_again, ended)]
    assert states == ["accepted", "returned", "accepted"]


def test_waiver_lets_a_doubt_pass_with_the_clerks_words(told):
    before, corrected, *_ = told
    assert before.states[DOUBTED] == "returned" and before.codes(DOUBTED, grade="核实") == {"APPROXIMATE"}
    assert corrected.states[DOUBTED] == "accepted with explanations"
    [doubt] = [one for one in corrected.of(DOUBTED) if one["code"] == "APPROXIMATE"]
    assert doubt["explained"] and "电话核对名册为 42 户" in doubt["explanation"]


def test_waiver_does_not_lift_what_must_be_corrected(told):
    _, corrected, *_ = told
    assert corrected.states[WRONG] == "returned" and "RELATION" in corrected.codes(WRONG, grade="强制")


def test_cell_of_a_line_list_is_corrected_by_its_row(told):
    before, corrected, *_ = told
    column, row, value, raw, _ = before.rows[IN_A_LIST]
    after = corrected.rows[IN_A_LIST]
    assert after[:4] == (column, row, value + 1, raw) and "漏填一组" in after[4]


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
