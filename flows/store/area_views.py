"""The Chinese views: a wide one for each work area, made from the catalogue, for clerks to query."""

from collections.abc import Iterator

from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.catalogue import Catalogue
from schemas.records import Area, Indicator

_SQL = sql_beside(__file__)


def make_views(store: Store, catalogue: Catalogue, year: int) -> None:
    """(Re)create the area views, with comments that say what a row and a column is.

    An area's view holds the year last collected (one row per unit and the 合计 row); `<area>历年` holds every year.
    """
    store.once(
        "area views",
        [
            statement
            for area in catalogue.areas.values()
            if catalogue.of_area(area.name, year)
            for statement in _views(catalogue, area, year)
        ],
    )


def _views(catalogue: Catalogue, area: Area, year: int) -> Iterator[str]:
    """The statements that make one area's two views."""
    items = catalogue.of_area(area.name, year)
    every, one, title = _quoted(f"{area.name}历年"), _quoted(area.name), area.title.replace("'", "''")
    yield f"CREATE OR REPLACE VIEW {every} AS {_wide(items)}"
    yield f"COMMENT ON VIEW {every} IS '{title}：每年每单位一行，另有合计行'"
    yield _SQL["last_collected"].format(view=one, every=every)
    yield f"COMMENT ON VIEW {one} IS '{title}：最近汇总年度，每单位一行，另有合计行'"
    for item in items:
        words = f"{item.unit}：{item.definition}".replace("'", "''")
        yield f"COMMENT ON COLUMN {one}.{_quoted(item.name)} IS '{words}'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _wide(items: list[Indicator]) -> str:
    """One row per unit, and one for everything: every unit of the roster stands, also one that has sent nothing."""
    columns = ", ".join(
        f"max(t.{'text' if item.is_text else 'value'}) FILTER (WHERE t.indicator = '{item.code}') "
        f"AS {_quoted(item.name)}"
        for item in items
    )
    codes = ", ".join(f"'{item.code}'" for item in items)
    return _SQL["wide"].format(columns=columns, codes=codes)
