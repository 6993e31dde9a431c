"""Catalogue and roster as the store has them beside the figures, for SQL to join; written at every run."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from flows.store.statements import sql_beside
from flows.store.store import Connection, Store, insert
from schemas.adopted import REST
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.levels import level_of
from schemas.records import Indicator
from schemas.roster import PLACES, Unit
from schemas.splits import splits_of
from schemas.township import Who

_SQL = sql_beside(__file__)
_YEAR = re.compile(r"^(?:19|20)\d\d年?度?")
REST_NAME = "其他指标"
"""What our own form is called where adopted ones stand beside it."""


def mirror(store: Store, catalogue: Catalogue, units: Sequence[Unit] | None, year: int, whole: Who) -> None:
    """Write catalogue and roster as they are now; an indicator keeps the id it once got. None keeps the roster.

    A closed year keeps the catalogue it was closed with. Raises InputError where the catalogue has lost an
    indicator of which an open year has figures.
    """
    with store.transaction() as db:
        db.execute(_SQL["keep_closed"])
        ids = dict(db.execute(_SQL["ids"]).fetchall())
        _refuse_gone(db, sorted(set(ids) - set(catalogue.indicators)), catalogue)
        for code in catalogue.indicators:
            ids.setdefault(code, max(ids.values(), default=0) + 1)
        rows = [_indicator_row(ids[i.code], i, catalogue) for i in catalogue.indicators.values()]
        if db.execute("SELECT * FROM base.indicator ORDER BY id").fetchall() != sorted(rows):
            db.execute("DELETE FROM base.indicator")
            insert(db, "indicator", rows)
            db.execute("DELETE FROM base.indicator_where")
            where = [[ids[i.code], c, v] for i in catalogue.indicators.values() for c, v in i.where.items()]
            insert(db, "indicator_where", where)
        splits = splits_of(catalogue.relations.values())
        db.execute("DELETE FROM base.split")
        insert(db, "split", [[each.relation, each.whole, part] for each in splits for part in each.parts])
        db.execute("DELETE FROM base.form")
        insert(db, "form", [*_called(catalogue).items(), (REST, REST_NAME)])
        if units is not None:
            _mirror_units(db, units, catalogue, year)
        db.execute("DELETE FROM base.whole")
        db.execute("INSERT INTO base.whole VALUES (?, ?, ?)", [int(whole.code), level_of(whole.code), whole.name])
        db.execute("INSERT OR REPLACE INTO base.meta VALUES ('year', ?)", [str(year)])


def keep_catalogue(store: Store, year: int) -> None:
    """Keep the catalogue as it is mirrored now for a year that is about to be closed."""
    with store.transaction() as db:
        db.execute("DELETE FROM base.closed_indicator WHERE year = ?", [year])
        db.execute("INSERT INTO base.closed_indicator SELECT ?, * FROM base.indicator", [year])


def _refuse_gone(db: Connection, codes: list[str], catalogue: Catalogue) -> None:
    if not codes:
        return
    lines = []
    for code, name, years in db.execute(_SQL["gone"], {"codes": codes}).fetchall():
        said = "、".join(map(str, years))
        until = f"这一项要留着，写上最后收的一年，如 until = {years[-1]}，以后就不再收"
        lines.append(f"{catalogue.root}：目录里没有了指标 {code} {name}，库里还有它 {said} 年的数；{until}")
    if lines:
        raise InputError(*lines)


def _mirror_units(db: Connection, units: Sequence[Unit], catalogue: Catalogue, year: int) -> None:
    import pandas as pd  # heavy: pandas

    forms = {office: catalogue.forms_due(year, office) for office in {unit.office for unit in units}}
    db.execute("DELETE FROM base.unit WHERE year = ?", [year])
    frame = pd.DataFrame(  # noqa: F841  read by DuckDB by its name
        {
            "year": year,
            "code": [int(u.code) for u in units],
            "name": [u.name for u in units],
            "kind": [u.kind for u in units],
            "terrain": [u.terrain or None for u in units],
            "expected": [u.expected_in(year) for u in units],
            "valid_from": pd.Series([_iso(u.valid_from) for u in units], dtype="object"),
            "valid_to": pd.Series([_iso(u.valid_to) for u in units], dtype="object"),
            "merged_into": pd.Series([u.merged_into or None for u in units], dtype="object"),
            "office": pd.Series([u.office for u in units], dtype="object"),
            "forms": pd.Series([" ".join(forms[u.office]) or None for u in units], dtype="object"),
            **{
                column: pd.Series([getattr(u, column) or None for u in units], dtype="object")
                for column in ("short", *PLACES)
            },
        }
    )
    db.execute(_SQL["mirror_units"])


def _called(catalogue: Catalogue) -> dict[str, str]:
    """What each adopted form is called: its title without the year, and where two are alike, with what tells them."""
    names = {key: _YEAR.sub("", form.name) or form.name for key, form in catalogue.forms.items()}
    times = Counter(names.values())
    return {key: name if times[name] == 1 else f"{name}（{key[:4]}）" for key, name in names.items()}


def _forms(item: Indicator, catalogue: Catalogue) -> Iterator[str]:
    """The adopted forms that ask it; of a figure made of a list, those that ask the list."""
    codes = {item.code} if not item.list else set(catalogue.lists[item.list].by_code)
    return (key for key, form in catalogue.forms.items() if form.codes & codes)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _indicator_row(number: int, item: Indicator, catalogue: Catalogue) -> tuple:
    office = catalogue.lists[item.list].office if item.list else item.office
    return (
        number, item.code, item.name, item.area, catalogue.areas[item.area].number, item.definition,
        item.unit, item.printed_in, item.factor, item.places, item.decimals,
        item.reporter, office, item.blank, item.total, item.is_text, item.parent,
        item.numerator, item.denominator, item.times, item.of, item.terrain,
        item.list, item.column, item.aggregate, len(item.where), item.since, item.until,
        item.printed_code, "/".join(item.section) or None, "\n".join(item.choices) or None, item.choice, item.weight,
        item.row, item.period or None, " ".join(_forms(item, catalogue)) or None,
    )  # fmt: skip
