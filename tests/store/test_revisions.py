"""Every revision is kept: what changed between them, which totals moved, and taking an earlier one up again."""

import json
import shutil
from decimal import Decimal

import pytest

from flows.commands import cli
from flows.store.revisions import changes, restore, revisions_of, steps_between
from flows.totals.moved import moved_totals
from schemas.errors import InputError
from tests.office import SAMPLE, findings_of, judge_steps, small_inputs
from tests.returning import YEAR, Collection, edit

VILLAGE, OTHER = "三湾村", "大湾村"


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Collection:
    first = Collection(tmp_path_factory.mktemp("first"), VILLAGE, OTHER)
    first.collect()
    return first


@pytest.fixture
def office(first, tmp_path) -> Collection:
    return first.copied(tmp_path / "office")


@pytest.fixture(scope="module")
def second(first, tmp_path_factory) -> Collection:
    """The same after the village has sent another figure."""
    second = first.copied(tmp_path_factory.mktemp("second") / "office")
    edit(second.sent(VILLAGE), {"I01": 45})
    second.collect()
    return second


@pytest.fixture
def again(second, tmp_path) -> Collection:
    return second.copied(tmp_path / "again")


def sent(job) -> list:
    return revisions_of(job.store, YEAR, code(job))


def code(job) -> str:
    return next(unit.code for unit in job.units if unit.name == VILLAGE)


def seen(office: Collection, look) -> object:
    found: list[object] = []
    office.collect(lambda job: found.append(look(job)))
    return found[0]


def test_a_resubmission_shows_which_cells_changed_and_which_totals_moved_by_how_much(again):
    def look(job):
        [(earlier, later)] = steps_between(sent(job))
        changed = changes(job.store, earlier.sub_id, later.sub_id)
        before = job.store.rows("SELECT * FROM base.total ORDER BY ALL")
        moved = moved_totals(job.store, YEAR, "allocate", code(job), earlier.sub_id, later.sub_id)
        assert job.store.rows("SELECT * FROM base.total ORDER BY ALL") == before
        return changed, moved

    [change], moved = seen(again, look)
    assert (change.code, change.before.raw, change.after.raw, change.after.cell) == (
        "I01",
        "42",
        "45",
        change.before.cell,
    )
    assert [
        (one.level, one.indicator, one.after.value - one.before.value) for one in moved if one.indicator == "I01"
    ] == [("township", "I01", Decimal(3))]
    assert {one.indicator for one in moved} >= {"I01"}


def test_a_returned_revision_never_displaces_an_accepted_one_also_when_a_third_is_returned(office):
    edit(office.sent(VILLAGE), {"I01": "约45户"})
    assert [one.state for one in seen(office, sent)] == ["accepted", "returned"]
    edit(office.sent(VILLAGE), {"I01": "若干户"})
    assert [one.state for one in seen(office, sent)] == ["accepted", "returned", "returned"]


def test_a_revision_that_was_doubtful_beside_the_others_stays_so_when_a_later_one_is_returned(tmp_path):
    """Its doubt comes from comparing with last year, which a later file must not make forgotten."""
    inputs = small_inputs(tmp_path, [VILLAGE])
    last = inputs / str(YEAR - 1) / "submissions"
    last.mkdir(parents=True)
    shutil.copy(SAMPLE / str(YEAR - 1) / "submissions" / f"{VILLAGE}.xlsx", last)
    outputs, path = tmp_path / "outputs", inputs / str(YEAR) / "submissions" / f"{VILLAGE}.xlsx"
    assert judge_steps(inputs, outputs).complete
    edit(path, {"C05": 1200})
    judge_steps(inputs, outputs)
    edit(path, {"C05": "一些"})
    judge_steps(inputs, outputs)
    states = findings_of(outputs).groupby("revision")["state"].first().to_dict()
    assert states[2] == "returned" and states[3] == "returned"
    assert "YEAR_ON_YEAR" in set(findings_of(outputs).query("revision == 2")["code"])


def test_the_same_answers_sent_again_in_other_bytes_are_recognised_and_said(office):
    edit(office.sent(VILLAGE))
    office.collect()
    [said] = [one for one in office.findings if one["code"] == "UNCHANGED"]
    assert (said["revision"], said["grade"]) == (2, "提示") and "第 1 次" in said["message"]
    edit(office.sent(VILLAGE), {"I01": 45})
    office.collect()
    assert "UNCHANGED" not in {one["code"] for one in office.findings if one["revision"] == 3}


def test_an_earlier_revision_sent_again_is_asked_and_displaces_nothing(again):
    for revision in (3, 4):
        shutil.copy(SAMPLE / "2023" / "submissions" / f"{VILLAGE}.xlsx", again.sent(VILLAGE))
        edit(again.sent(VILLAGE))
        states = [one.state for one in seen(again, sent)]
        [said] = [one for one in again.findings if one["revision"] == revision]
        assert (said["code"], said["grade"]) == ("EARLIER_AGAIN", "核实")
        assert "与第 1 次报来的内容完全一样" in said["message"], "sent once more it is no more welcome"
        assert states[1:] == ["accepted"] + ["returned"] * (revision - 2)
    seen(again, lambda job: restore(job.store, YEAR, code(job), VILLAGE, 1, "李四", "改回"))
    edit(again.sent(VILLAGE))
    state = seen(again, sent)[-1].state
    said = [one["code"] for one in again.findings if one["revision"] == 6]
    assert said == ["UNCHANGED"] and state == "accepted"


def test_the_figure_before_a_faulty_one_is_no_earlier_revision(office):
    """What was refused never counted: going back to what stood before it undoes nothing."""
    edit(office.sent(VILLAGE), {"I01": "若干户"})
    office.collect()
    edit(office.sent(VILLAGE), {"I01": 42})
    assert seen(office, sent)[-1].state == "accepted"
    assert [one["code"] for one in office.findings if one["revision"] == 3] == ["UNCHANGED"]


def test_an_accepted_revision_is_taken_up_again_and_outlives_the_next_run(again):
    newest = seen(again, lambda job: restore(job.store, YEAR, code(job), VILLAGE, 1, "李四", ""))
    assert newest == 3
    after = seen(
        again,
        lambda job: (
            sent(job),
            job.store.rows("SELECT value, revision FROM facts WHERE indicator = 'I01' AND unit_name = ?", [VILLAGE]),
        ),
    )
    assert [one.state for one in after[0]] == ["superseded", "superseded", "accepted"]
    assert after[1] == [(Decimal(42), 3)]
    edit(again.sent(VILLAGE), {"I01": 47})
    assert [one.state for one in seen(again, sent)][-1] == "accepted"


@pytest.mark.parametrize(("number", "said"), [(9, "没有第 9 版"), (2, "没有改正的问题"), (1, "就是最新")])
def test_a_revision_that_cannot_be_taken_up_is_refused_in_one_line(office, number, said):
    if number == 2:
        edit(office.sent(VILLAGE), {"I01": "若干户"})
    with pytest.raises(InputError, match=said):
        seen(office, lambda job: restore(job.store, YEAR, code(job), VILLAGE, number, "李四", ""))


def test_restoring_settles_two_files_of_one_unit(office):
    shutil.copy(office.sent(VILLAGE), office.inbox / f"{VILLAGE}改.xlsx")
    edit(office.inbox / f"{VILLAGE}改.xlsx", {"I01": 45})
    office.collect()
    edit(office.sent(VILLAGE), {"I01": 46})
    seen(office, lambda job: restore(job.store, YEAR, code(job), VILLAGE, 1, "李四", ""))
    office.collect()
    assert office.states[VILLAGE] == "accepted"


def test_commands_show_a_units_revisions_restore_one_and_trace_tells_how_the_total_moved(office, capsys):
    inputs, outputs = office.inputs, office.outputs
    edit(office.sent(VILLAGE), {"I01": 45})
    judge_steps(inputs, outputs, retry=True, publish=True)
    where = ["--inputs", str(inputs), "--outputs", str(outputs)]

    assert cli.main(["status", "--unit", VILLAGE, *where]) == 0
    told = capsys.readouterr().out
    assert "I01 低保户数：42 → 45" in told and "增加 3 户" in told

    assert cli.main(["status", "--unit", VILLAGE, "--json", *where]) == 0
    [first, second] = json.loads(capsys.readouterr().out)["revisions"]
    assert first["changes"] == [] and second["changes"][0]["after"]["raw"] == "45"
    assert {one["by"] for one in second["moved"] if one["indicator"] == "I01"} == {"3"}

    assert cli.main(["trace", "低保户数", VILLAGE, *where]) == 0
    assert "合计随之变动：乡镇低保户数" in capsys.readouterr().out

    assert cli.main(["restore", VILLAGE, "1", "--by", "李四", "--why", "新报的有误", *where]) == 0
    assert "已恢复，记为第 3 版" in capsys.readouterr().out
    assert cli.main(["sql", "SELECT what, who, why, unit_name FROM events", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"what": "restore", "who": "李四", "why": "新报的有误", "unit_name": VILLAGE}
    ]
    assert cli.main(["restore", VILLAGE, "7", *where]) == 2
