"""One name for each state: declared once, typed nowhere else, and the same in the store."""

import ast
import re
from pathlib import Path

import pytest

from flows.store.store import Store
from schemas.states import COUNTING, KEPT, LATE, OF_UNIT, STATES, standing_words

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for path in (ROOT / "flows").rglob("*.*") if path.suffix in (".py", ".js", ".sql", ".html", ".jinja", ".css")
)
WORDS = [
    *(state.word for state in STATES.values()),
    KEPT,
    "退回待改",
    "缺报",
    "迟报",
    "没报",
    "已被新报表替代",
    "仍用前一次",
]
"""The words, and others that outputs once had for the same."""
HELP = {("flows/commands/cli.py", "没报")}
"""The help of `status` asks a question in everyday words; it names no state."""


def _typed(source: Path) -> str:
    """What a file puts before people: the strings of Python, everything of other languages."""
    text = source.read_text(encoding="utf-8")
    if source.suffix != ".py":
        return text
    return "\n".join(
        n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    )


def test_a_state_s_word_is_typed_in_no_file_that_shows_it() -> None:
    typed = {source.relative_to(ROOT).as_posix(): _typed(source) for source in SOURCES}

    assert len(typed) > 400
    assert {(here, word) for here, text in typed.items() for word in WORDS if word in text} <= HELP


def test_no_two_states_share_a_word_or_a_meaning() -> None:
    assert (
        len({state.word for state in STATES.values()})
        == len({state.meaning for state in STATES.values()})
        == len(STATES)
    )
    assert all(re.fullmatch(r"[0-9A-F]{6}", state.colour) for state in STATES.values())


def test_who_counts_and_who_is_reminded_are_all_a_unit_can_be() -> None:
    assert sorted((*COUNTING, *LATE)) == sorted(OF_UNIT)
    assert LATE == ("missing", "partial", "unreadable", "returned")


def test_an_earlier_submission_that_counts_is_told_only_beside_one_that_does_not() -> None:
    assert standing_words("returned", True) == "已退回（此前报的仍采用）"
    assert standing_words("returned", False) == "已退回"
    assert standing_words("accepted", True) == "已采用"


def test_the_store_gives_the_words_in_sql(tmp_path: Path) -> None:
    with Store(tmp_path / "store.duckdb") as store:
        assert store.rows("FROM states") == [(s.key, s.word, s.meaning) for s in STATES.values()]
        store.db.execute(
            "INSERT INTO base.unit BY NAME SELECT 2023 AS year, 1 AS code, '甲村' AS name, '村' AS kind, "
            "true AS expected"
        )
        assert store.rows("SELECT unit_name, state_word FROM unit_states") == [("甲村", "未报")]
        store.db.execute(
            "INSERT INTO base.submission BY NAME SELECT 1 AS sub_id, 2023 AS year, 1 AS unit_code, "
            "1 AS revision, 'returned' AS state"
        )
        assert store.rows("SELECT state, state_word FROM submissions") == [("returned", "已退回")]
        assert store.rows("SELECT state, state_word FROM unit_states") == [("returned", "已退回")]


def test_a_reworded_state_reaches_a_store_that_was_made_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.duckdb"
    Store(path).close()
    monkeypatch.setitem(STATES, "missing", STATES["missing"]._replace(word="尚未报来"))

    with Store(path) as store:
        assert ("尚未报来",) in store.rows("SELECT state_word FROM states")
