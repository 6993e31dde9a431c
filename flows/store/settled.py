"""What a year was last worked out from, and to what: where none of that has changed, nothing is worked out again.

Judging and adding up follow from what the store holds, from code, catalogue and settings. All of it is one fingerprint,
taken when the year was added up; results are in it too, so that what somebody changed by hand is made right again.
"""

import hashlib

from flows.store.store import Store

_TABLES = (
    "whole", "unit", "heir", "inherited", "indicator", "indicator_where", "split", "submission", "fact", "list_cell",
    "correction", "event", "inbox", "notice", "template", "finding", "finding_behind", "total", "adjustment",
    "like_for_like",
)  # fmt: skip


ROWS_HASHED = "count(*), sum(hash(rows)), bit_xor(hash(rows))"
"""What tells one table's contents from another's, in whatever order its rows lie; the table is called `rows`."""


def fingerprint(store: Store, *rules: bytes) -> str:
    """Of the store's tables and of the rules, which are whatever else the results follow from.

    DuckDB's hash of rows, added up: 700,000 facts in 0.1 s, where their text in order takes 2 (measured 2026-11-28).
    """
    digest = hashlib.sha256()
    for rule in rules:
        digest.update(len(rule).to_bytes(8, "big") + rule)
    of_each = (f"SELECT '{table}', {ROWS_HASHED} FROM base.{table} AS rows" for table in _TABLES)
    for said in sorted(store.rows(" UNION ALL ".join(of_each))):
        digest.update(repr(said).encode())
    return digest.hexdigest()


def settle(store: Store, year: int, found: str) -> None:
    """Write down that the year has been judged and added up, and what the store was like then."""
    store.db.execute("INSERT OR REPLACE INTO base.meta VALUES (?, ?)", [_mark(year), found])


def settled(store: Store, year: int) -> str:
    """What was written down when the year was last judged and added up; nothing where it never was."""
    found = store.rows("SELECT value FROM base.meta WHERE key = ?", [_mark(year)])
    return found[0][0] if found else ""


def _mark(year: int) -> str:
    return f"settled {year}"
