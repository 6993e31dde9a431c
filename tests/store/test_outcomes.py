"""What became of submissions, for the log: whose, which state, how many findings of each grade."""

import pytest

from flows.store.outcomes import outcomes
from flows.store.store import Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cunhui.duckdb") as store:
        for number, unit, state in (
            (1, 990101101201, "returned"),
            (2, 990101101202, "accepted"),
            (3, None, "unidentified"),
        ):
            store.db.execute(
                "INSERT INTO base.submission BY NAME SELECT ? AS sub_id, 2023 AS year, ? AS unit_code, 1 AS revision,"
                " ? AS sha256, '' AS part, ? AS state", [number, unit, f"hash {number}", state],
            )  # fmt: skip
        for number, (grade, explained) in enumerate([("强制", False), ("核实", False), ("核实", True)]):
            store.db.execute(
                "INSERT INTO base.finding BY NAME SELECT 1 AS sub_id, 'read' AS stage, ? AS number, ? AS grade,"
                " ? AS explained, 'secret' AS raw", [number, grade, explained],
            )  # fmt: skip
        yield store


def test_each_submission_is_told_with_its_findings_counted_and_none_quoted(store):
    back, good = outcomes(store, [1, 2])
    assert (back["unit"], back["state"], back["must_correct"], back["must_explain"], back["findings"]) == (
        "990101101201", "returned", 1, 1, 3
    )  # fmt: skip
    assert (good["sha256"], good["findings"], good["number"]) == ("hash 2", 0, 2)
    assert "secret" not in str(back)


def test_submission_of_nobody_has_no_unit_and_nothing_asked_is_nothing_told(store):
    [loose] = outcomes(store, [3])
    assert loose["unit"] is None
    assert list(outcomes(store, [])) == []
