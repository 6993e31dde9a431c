"""What one catalogue declares otherwise than another, told as clerks tell it. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from flows.exchange.sheets import Field, Sheet, sheets, shown
from flows.exchange.written import Row, Written

ADDED, RENAMED, ENDED, REDEFINED, REMOVED, OTHERWISE = "新增", "改名", "取消", "口径变了", "删去", "其他"
SORTS = (ADDED, RENAMED, ENDED, REDEFINED, REMOVED, OTHERWISE)
_SORT_OF = {"name": RENAMED, "until": ENDED, "definition": REDEFINED}


class Change(NamedTuple):
    """One change of one row: its sort, the sheet, the row's code and name, and what was and what is, in words."""

    sort: str
    sheet: str
    code: str
    name: str
    said: str = ""

    @property
    def words(self) -> str:
        """On one line."""
        whose = self.code if self.name in ("", self.code) else f"{self.code} {self.name}"
        return f"{self.sheet} {whose}" + (f"：{self.said}" if self.said else "")


def changes(before: Written, now: Written) -> list[Change]:
    """Every change, by its sort; a row that changes in several ways is told for each."""
    found = [change for sheet in sheets() for change in _of_sheet(sheet, before, now)]
    return sorted(found, key=lambda change: SORTS.index(change.sort))


def _of_sheet(sheet: Sheet, before: Written, now: Written) -> Iterator[Change]:
    old, new = before.rows[sheet.kind], now.rows[sheet.kind]
    for key, row in new.items():
        code, name = _called(sheet, row)
        if key not in old:
            yield Change(ADDED, sheet.name, code, name)
            continue
        for field in sheet.fields:
            if old[key].get(field.key) != row.get(field.key):
                sort = _SORT_OF.get(field.key, OTHERWISE)
                if sort == ENDED and not row.get("until"):
                    sort = OTHERWISE  # collected again
                yield Change(sort, sheet.name, code, name, _said(field, old[key], row))
    for key, row in old.items():
        if key not in new:
            yield Change(REMOVED, sheet.name, *_called(sheet, row))
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        yield Change(OTHERWISE, sheet.name, "", "", "行的先后变了")


def _called(sheet: Sheet, row: Row) -> tuple[str, str]:
    within = f"{row['within']} " if sheet.kind == "columns" else ""
    return f"{within}{row[sheet.key.key]}", str(row.get("name", row.get("words", "")))


def _said(field: Field, old: Row, row: Row) -> str:
    """What stood in the column and what stands there now."""
    was, is_ = (shown(one.get(field.key), field) or "（空）" for one in (old, row))
    return f"{field.head} {was} → {is_}"
