"""The Chinese views: a wide one for each work area, made from the catalogue, for clerks to query."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.levels import between
from schemas.records import Area, Indicator

_SQL = sql_beside(__file__)


class _Past(NamedTuple):
    """An indicator as years had it that no longer is so: removed since, renamed, or in another unit."""

    code: str
    name: str
    unit: str
    is_text: bool
    years: list[int]


def make_views(store: Store, catalogue: Catalogue, year: int) -> None:
    """(Re)create the area views, with comments that say what a row and a column is; those of areas gone are dropped.

    An area's view holds the year last collected (one row per unit and the 合计 row); `<area>历年` holds every year with
    its own indicators: what was removed or renamed since has a column of its own.
    """
    [(whole,)] = store.rows("SELECT level FROM base.whole")
    had: dict[str, list[_Past]] = {}
    for area, *one in store.rows(_SQL["had"]):
        had.setdefault(area, []).append(_Past(*one))
    for (view,) in store.rows(_SQL["gone"], [list(catalogue.areas)]):
        store.db.execute(f"DROP VIEW {_quoted(view)}")
    store.once(
        "area views",
        [
            statement
            for area in catalogue.areas.values()
            if catalogue.of_area(area.name, year)
            for statement in _views(catalogue, area, year, _past(had.get(area.name, ()), catalogue, area, year), whole)
        ],
    )


def _past(had: Sequence[_Past], catalogue: Catalogue, area: Area, year: int) -> list[_Past]:
    now = {item.code: (item.name, item.unit) for item in catalogue.of_area(area.name, year)}
    return [one for one in had if now.get(one.code) != (one.name, one.unit)]


def _views(catalogue: Catalogue, area: Area, year: int, past: Sequence[_Past], whole: str) -> Iterator[str]:
    """The statements that make one area's two views."""
    items = catalogue.of_area(area.name, year)
    every, one, title = _quoted(f"{area.name}历年"), _quoted(area.name), area.title.replace("'", "''")
    rows = "、".join((*(f"{level.name}小计行" for level in between(whole).values()), "合计行"))
    columns = _past_names([item.name for item in items], past)
    yield f"CREATE OR REPLACE VIEW {every} AS {_wide(items, columns, whole)}"
    yield f"COMMENT ON VIEW {every} IS '{title}：每年每单位一行，另有{rows}'"
    hidden = ", ".join(["序", *map(_quoted, columns)])
    yield _SQL["last_collected"].format(view=one, every=every, hidden=hidden)
    yield f"COMMENT ON VIEW {one} IS '{title}：最近汇总年度，每单位一行，另有{rows}'"
    for item in items:
        words = f"{item.unit}：{item.definition}".replace("'", "''")
        yield f"COMMENT ON COLUMN {one}.{_quoted(item.name)} IS '{words}'"


def _past_names(now: Sequence[str], past: Sequence[_Past]) -> dict[str, _Past]:
    """Past indicators by the name of their column: their own, with unit or code where another has it."""
    named: dict[str, _Past] = {}
    for one in past:
        tried = (one.name, f"{one.name}（{one.unit}）", f"{one.name}（{one.code}，{min(one.years)}）")
        named[next(name for name in tried if name not in now and name not in named)] = one
    return named


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _wide(items: list[Indicator], past: Mapping[str, _Past], whole: str) -> str:
    """One row per unit, and one for everything: every unit of the roster stands, also one that has sent nothing."""
    otherwise = {code: [year for one in past.values() if one.code == code for year in one.years]
                 for code in (one.code for one in past.values())}  # fmt: skip
    columns = [_column(i.name, i.code, i.is_text, "NOT IN", otherwise.get(i.code, ())) for i in items]
    columns += [_column(name, one.code, one.is_text, "IN", one.years) for name, one in past.items()]
    codes = ", ".join(f"'{code}'" for code in dict.fromkeys((*(item.code for item in items), *otherwise)))
    above = "".join(f"in_{key}.name AS {_quoted(level.name)}, " for key, level in reversed(between(whole).items()))
    joins = "".join(
        _SQL["within"].format(level=key, digits=level.digits) + "\n" for key, level in between(whole).items()
    )
    return _SQL["wide"].format(columns=", ".join(columns), codes=codes, above=above, joins=joins)


def _column(name: str, code: str, is_text: bool, within: str, years: Sequence[int]) -> str:
    only = f" AND t.year {within} ({', '.join(map(str, years))})" if years else ""
    return f"max(t.{'text' if is_text else 'value'}) FILTER (WHERE t.indicator = '{code}'{only}) AS {_quoted(name)}"
