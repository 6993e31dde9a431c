"""The ledger: what is still to be read or judged again, which place a reading gets, and what a closed year refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from msgspec.structs import replace

from flows.inbox.closed import refused
from flows.inbox.collect import Inbox
from flows.inbox.ledger import Ledger, _said, copies_of, lines_of, may_be
from flows.inbox.owner import Owner
from flows.inbox.readings import packed, recalled
from flows.inbox.rules import Rules
from flows.inbox.submission import Submission
from flows.reading.folded import Folded, unfolded
from flows.reading.records import Answer, Reading, Received
from flows.store.events import Event
from flows.store.journal import Sent
from schemas.adopted import REST
from schemas.corrections import Correction, Corrections, Written, placed
from schemas.roster import Unit
from tests.office import CATALOGUE, open_store, units_of

YEAR = 2023
MOMENT = datetime(2024, 1, 2, tzinfo=UTC)
RULES = Rules("read 1", "judged 1", Corrections(()))
UNITS = units_of("南川村 川区\n紫云村 川区")
NAMED, OTHER = UNITS


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, UNITS) as store:
        yield store


def file(number: int, name: str = "南川村.xlsx") -> Received:
    return Received(f"archive/{number}", name, f"{number:064x}", 100)


def reading(one: Received, name: str = "南川村") -> Reading:
    answer = Answer("I01", "42", "number", "表", 5, 5)
    return Reading(one.sha256, one.file, identity={"封面": [name]}, answers=[answer])


def keep(store, *files: Received, rules: Rules = RULES) -> None:
    """Place and store readings of these files, accepted."""
    readings = [reading(one, one.file.removesuffix(".xlsx")) for one in files]
    placed, rows, replaced = Ledger(store, YEAR, rules).place(readings, UNITS, (), files)
    nothing = pd.DataFrame()
    rest = dict.fromkeys(("sheet", "fact", "list_cell", "finding", "correction"), nothing)
    store.save({"submission": rows, "reading": packed(placed), **rest}, replaced)
    store.doubt(YEAR, nothing)


def due(store, *files: Received, rules: Rules = RULES, retry: bool = False) -> list[Received]:
    return Ledger(store, YEAR, rules).due(Inbox(list(files)), retry)


def test_new_file_is_due_once_however_often_its_bytes_lie_there(store):
    copy = file(1, "又一份.xlsx")
    assert due(store, file(1), copy) == [file(1)]
    assert copies_of(Inbox([file(1), copy])) == [(copy, "南川村.xlsx")]


def test_known_file_is_due_again_only_when_it_would_be_read_otherwise(store):
    keep(store, file(1))
    assert due(store, file(1)) == []
    assert due(store, file(1), rules=Rules("read 2", "judged 1", Corrections(()))) == [file(1)]
    assert due(store, file(1), rules=Rules("read 1", "judged 2", Corrections(()))) == []


def test_earlier_file_is_due_when_it_is_back_and_the_later_one_withdrawn(store):
    keep(store, file(1))
    keep(store, file(2))
    assert due(store, file(1), file(2)) == []
    assert [one.sha256 for one in due(store, file(1))] == [file(1).sha256]


def test_file_judged_by_other_rules_is_judged_again_in_the_inbox_or_away_but_not_when_read_again(store):
    keep(store, file(1), file(2, "紫云村.xlsx"))
    later = Ledger(store, YEAR, Rules("read 1", "judged 2", Corrections(())))
    inbox = Inbox([file(1)])
    assert [one.sha256 for one in later.judged_otherwise(inbox, ())] == [file(1).sha256, file(2).sha256]
    assert [one.sha256 for one in later.judged_otherwise(inbox, [file(1)])] == [file(2).sha256]
    assert {one.unit for one in later.outdated()} == {NAMED.code, OTHER.code}


def test_unit_gets_the_next_revision_and_a_file_read_again_keeps_its_place(store):
    keep(store, file(1))
    keep(store, file(2))
    known = Ledger(store, YEAR, RULES).known
    assert [(known[file(n).sha256, ""].sub_id, known[file(n).sha256, ""].revision) for n in (1, 2)] == [(1, 1), (2, 2)]
    keep(store, file(2), rules=Rules("read 2", "judged 1", Corrections(())))
    again = Ledger(store, YEAR, RULES).known[file(2).sha256, ""]
    assert (again.sub_id, again.revision, again.reading_version) == (2, 2, "read 2")
    assert again.received_at == known[file(2).sha256, ""].received_at


def test_reading_of_a_unit_that_was_not_asked_for_gets_no_place(store):
    ledger = Ledger(store, YEAR, RULES)
    placed, rows, _ = ledger.place([reading(file(1))], UNITS, [OTHER], [file(1)])
    assert placed == [] and rows.empty
    assert may_be(file(1, "南川村.xlsx"), [OTHER], UNITS) is False
    assert may_be(file(1, "年报.xlsx"), [OTHER], UNITS) is True


def test_reading_comes_back_from_the_store_whole_under_the_files_present_name(store):
    keep(store, file(1))
    [again] = recalled(store, YEAR, [file(1, "南川村（改名）.xlsx"), file(9)])
    assert again == reading(file(1, "南川村（改名）.xlsx"))


def test_part_of_a_file_comes_back_from_the_store_folded(store):
    part = replace(reading(file(1)), part="表!7")
    placed, rows, _ = Ledger(store, YEAR, RULES).place([replace(reading(file(1)), parts=[part])], UNITS, (), [file(1)])
    store.save({"submission": rows, "reading": packed(placed)})
    [again] = recalled(store, YEAR, [file(1)])
    assert isinstance(again, Folded) and unfolded(again) == part


def test_journal_line_says_what_the_place_is(store):
    placed = [Submission(7, reading(file(1)), Owner(NAMED), 3)]
    rows = pd.DataFrame(
        [{"sub_id": 7, "received_at": pd.Timestamp("2024-01-02", tz="UTC"), "year": YEAR, "sha256": file(1).sha256,
          "file": "南川村.xlsx", "size": 100, "part": "", "restored_from": None}]
    )  # fmt: skip
    [line] = lines_of(placed, rows)
    assert line.place == (YEAR, NAMED.code, 3)
    assert (line.at, line.restored_from, line.corrections) == (datetime(2024, 1, 2, tzinfo=UTC), None, ())


def sent(number: int, unit: Unit | None, revision: int, name: str = "年报.xlsx") -> Sent:
    return Sent(MOMENT, YEAR, unit and unit.code, revision, file(number).sha256, name, 100)


def again(store, *lines: Sent, says: dict[int, str]) -> list[tuple[str | None, int, str]]:
    """Whose and which revision each is when the journal is followed, the files saying what they say now."""
    ledger = Ledger(store, YEAR, RULES)
    ledger.expect(lines)
    readings = {(file(n).sha256, ""): reading(file(n, "年报.xlsx"), name) for n, name in says.items()}
    placed, rows = ledger.place_again(lines, readings, UNITS, CATALOGUE)
    assert list(rows["received_at"]) == [MOMENT] * len(placed)
    assert list(rows["sub_id"]) == sorted({*rows["sub_id"]})
    return [(each.owner.unit and each.owner.unit.code, each.revision, each.reading.sha256) for each in placed]


def test_journal_is_followed_and_a_file_that_is_anothers_now_gets_a_revision_that_no_line_names(store):
    lines = [sent(1, NAMED, 1), sent(2, OTHER, 1), sent(3, OTHER, 2), sent(4, None, 0)]
    says = {1: "紫云村", 2: "紫云村", 3: "紫云村", 4: "别村"}
    assert again(store, *lines, says=says) == [
        (OTHER.code, 3, file(1).sha256), (OTHER.code, 1, file(2).sha256), (OTHER.code, 2, file(3).sha256),
        (None, 0, file(4).sha256),
    ]  # fmt: skip


def test_file_that_the_journal_gave_to_its_present_unit_later_is_that_units_once(store):
    lines = [sent(1, NAMED, 1), sent(1, OTHER, 1), sent(2, NAMED, 2)]
    assert again(store, *lines, says={1: "紫云村", 2: "南川村"}) == [
        (OTHER.code, 1, file(1).sha256), (NAMED.code, 2, file(2).sha256),
    ]  # fmt: skip


def correction(**said: object) -> Correction:
    whole = {"unit": "南川村", "indicator": "I01", "expect": Decimal("57.0"), "reason": "漏报", "agreed_with": "会计",
             "date": date(2024, 1, 5)}  # fmt: skip
    return placed(Written(**whole | said), YEAR, CATALOGUE, UNITS)


def test_corrections_come_back_from_the_journal_as_they_were_written_but_for_what_the_catalogue_knows_no_more(store):
    given = (
        correction(value=Decimal("58.0")), correction(indicator="村党组织书记", expect="王", value="王敏"),
        correction(indicator="L103", row=2, expect=1, waiver=True),
    )  # fmt: skip
    rows = pd.DataFrame(
        [{"sub_id": 7, "received_at": pd.Timestamp("2024-01-02", tz="UTC"), "year": YEAR, "sha256": file(1).sha256,
          "file": "南川村.xlsx", "size": 100, "part": "", "restored_from": 1.0}]
    )  # fmt: skip
    [line] = lines_of([Submission(7, reading(file(1)), Owner(NAMED), 3, given)], rows)
    store.journal.write([line])
    [kept] = store.journal.read()
    assert kept.restored_from == 1
    again = _said(kept, CATALOGUE, UNITS)
    assert [each.subject for each in again] == [each.subject for each in given] == ["I01", "J06", "L103 2"]
    assert [each.agreement for each in again] == [each.agreement for each in given]
    assert again[0].fits("57", Decimal(57)) and again[2].written.waiver
    assert Decimal(again[0].written.value) == 58
    assert _said(kept, CATALOGUE, UNITS[1:]) == ()


@pytest.mark.parametrize(
    ("owed", "asking"),
    [(("人口表", "经济表"), {"人口表"}), (("经济表", REST), {REST}), (("经济表", "党建表"), {"经济表", "党建表"})],
)
def test_correction_is_of_the_form_that_asks_for_it_else_of_the_rest_else_of_any(store, owed, asking):
    rules = Rules("read 1", "judged 1", Corrections(()), forms={"人口表": frozenset({"I01"})})
    assert Ledger(store, YEAR, rules)._asking(correction(value=58), owed) == asking


def test_closed_year_refuses_what_it_does_not_know_and_says_who_closed_it_when():
    closing = Event(datetime(2024, 1, 31, 17, tzinfo=UTC), YEAR, "close", None, "王敏", "", "")
    inbox = refused(Inbox([file(1), file(2)]), {file(1).sha256}, closing, ZoneInfo("Asia/Shanghai"))
    assert inbox.files == [file(1)]
    [(name, finding)] = inbox.notices
    assert (name, finding.code, finding.details["who"], finding.details["when"]) == (
        "南川村.xlsx", "YEAR_CLOSED", "王敏", "2024-02-01"
    )  # fmt: skip
