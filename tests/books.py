"""A year's book made by hand: the sample township's fifteen villages, figures at random, totals added up here.

And what reads its summary workbook back.
"""

import random
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl

from flows.emit.summary.summary import write_summary
from flows.store.figures import Adjustment, Arrival, Book, Figure, ListRow, Place
from schemas.catalogue import Catalogue
from schemas.records import Indicator
from schemas.township import Collection, Printing, Settings, Who

YEAR = 2023
NAMES = [
    "南川村", "紫云村", "将台村", "太平村", "小岔口村", "大岔村", "大湾村", "三湾村",
    "山林村", "张沟村", "罗川村", "东风村", "花岔村", "御风村", "窎沟村",
]  # fmt: skip
TOWNSHIP = Place("990101101", "示例镇", "township")
ZERO = Decimal(0)


def settings(**printing) -> Settings:
    """township.toml as the sample township has it, printing otherwise where the test says so."""
    return Settings(
        township=Who(code="990101101", name="示例镇"),
        collection=Collection(year=YEAR, deadline=datetime(2024, 1, 10, 18)),
        printing=Printing(**printing),
    )


def villages(count: int = 15) -> list[Place]:
    """The sample township's villages; the first four lie in the valley."""
    names = [*NAMES, *(f"第{number}村" for number in range(16, count + 1))][:count]
    return [
        Place(f"990101101{200 + number}", name, "village", "村", "川区" if number < 4 else "山区")
        for number, name in enumerate(names)
    ]


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def figure(item: Indicator, value: Decimal, **more) -> Figure:
    """A figure printed alone, half up, in the indicator's printed unit."""
    return Figure(value, rounded(value / item.factor, item.places), **more)


def make_book(catalogue: Catalogue, seed: int = 7, missing: tuple[str, ...] = (), count: int = 15) -> Book:
    """A plausible book: parts at random, totals added up here and not by the code under test."""
    places = villages(count)
    offices = [Place(f"990101101{key}", office.name, "village", "站所") for key, office in catalogue.offices.items()]
    rows = _rows(catalogue, places, offices, random.Random(seed), missing)
    now, moved = _figures(catalogue, places, rows, random.Random(seed), missing)
    last, _ = _figures(catalogue, places, rows, random.Random(seed + 1), ())
    return Book(
        year=YEAR, township=TOWNSHIP, villages=places, offices=offices, figures=now, last=last, rows=rows,
        arrivals=[_arrival(place, missing) for place in (*places, *offices)], adjustments=moved,
        last_targets={"T06": Decimal(60), "T08": Decimal(40), "T01": Decimal(1)},
    )  # fmt: skip


def _arrival(place: Place, missing: tuple[str, ...]) -> Arrival:
    if place.name in missing:
        return Arrival(place.code, place.name, place.kind, "missing", "", 0, None, 0, 0, 0, accepted=False)
    received = datetime(2023, 12, 28, 2, 30, tzinfo=UTC)
    return Arrival(
        place.code, place.name, place.kind, "accepted", f"{place.name}.xlsx", 1, received, 0, 0, 1, accepted=True
    )


def _rows(catalogue, places, offices, rng, missing) -> list[ListRow]:
    rows = []
    for line_list in catalogue.lists.values():
        if line_list.office:
            senders = [(office, 4) for office in offices if office.code.endswith(line_list.office)]
        else:
            senders = [(place, rng.randint(0, 2)) for place in places]
        for place, count in senders:
            if place.name not in missing:
                rows.extend(_row(line_list, place, number, rng) for number in range(1, count + 1))
    return rows


def _row(line_list, place, number, rng) -> ListRow:
    cells = {}
    for column in line_list.columns:
        if column.type == "number":
            cells[column.code] = (
                Decimal(rng.randint(1, 90_000)).scaleb(-column.decimals) if rng.random() < 0.8 else None
            )
        elif column.type == "choice":
            cells[column.code] = column.choices[number % len(column.choices)]
        else:
            cells[column.code] = f"{place.name}{column.name}{number}"
    return ListRow(line_list.code, place.code, place.name, number, cells)


def _figures(catalogue, places, rows, rng, missing):
    """Figures by (place, indicator), and what balancing moved."""
    figures, moved = {}, []
    present = [place for place in places if place.name not in missing]
    counted = {"units_counted": len(present), "units_expected": len(places), "provisional": len(present) < len(places)}
    for item in catalogue.indicators.values():
        if item.reporter == "office":
            figures[TOWNSHIP.code, item.code] = figure(item, Decimal(rng.randint(1, 400)))
        elif item.total == "text":
            named = {place: f"书记{place.name[:2]}" for place in present}
            figures |= {(place.code, item.code): Figure(None, None, text) for place, text in named.items()}
            figures[TOWNSHIP.code, item.code] = Figure(None, None, "、".join(named.values()), **counted)
        elif item.reporter == "village":
            moved += _reported(figures, item, places, present, rng, counted)
    for item in catalogue.indicators.values():
        if item.reporter == "derived":
            _derived(figures, item, catalogue, places, present, rows, counted)
    return figures, moved


def _reported(figures, item, places, present, rng, counted) -> list[Adjustment]:
    top = rng.choice((30, 300, 3000)) * (5 if item.factor > 1 else 1)
    parts = {}
    for place in present:
        value = Decimal(rng.randint(0, top * 10**item.decimals)).scaleb(-item.decimals)
        parts[place] = ZERO if rng.random() < 0.15 else value
    printed = {place: rounded(value / item.factor, item.places) for place, value in parts.items()}
    total = figure(item, sum(parts.values(), ZERO), **counted)
    plain = dict(printed)
    step = Decimal(1).scaleb(-item.places)
    off = int((total.printed - sum(printed.values(), ZERO)) / step)
    by_error = sorted(parts, key=lambda place: parts[place] / item.factor - plain[place], reverse=off > 0)
    for place in by_error[: abs(off)]:
        printed[place] += step if off > 0 else -step
    for place in places:
        if place in parts:
            figures[place.code, item.code] = Figure(parts[place], printed[place])
        else:
            figures[place.code, item.code] = Figure(None, None, units_counted=0, provisional=True)
    figures[TOWNSHIP.code, item.code] = total
    return [
        Adjustment(place.code, place.name, item.code, parts[place] / item.factor, plain[place], printed[place])
        for place in places
        if place in parts and plain[place] != printed[place]
    ]


def _derived(figures, item, catalogue, places, present, rows, counted) -> None:
    above = lambda place: (figures.get((place.code, item.of)) or Figure(ZERO, ZERO)).value or ZERO  # noqa: E731
    here = [place for place in present if item.terrain in (None, place.terrain)]
    winners = [place for place in here if item.of and above(place) > 0]
    key = (TOWNSHIP.code, item.code)
    match item.total:
        case "units":
            figures[key] = figure(item, Decimal(len(places)))
        case "count":
            figures[key] = figure(item, Decimal(len(winners)), **counted)
        case "names":
            figures[key] = Figure(None, None, "、".join(place.name for place in winners), **counted)
        case "typical":
            figures[key] = figure(item, above(winners[0]) if winners else ZERO, **counted)
        case "sum":
            figures[key] = figure(item, sum(map(above, here), ZERO), **counted)
        case "ratio":
            for place in (*places, TOWNSHIP):
                up, down = (figures.get((place.code, code)) for code in (item.numerator, item.denominator))
                if up and down and down.value:
                    figures[place.code, item.code] = figure(item, up.value * item.times / down.value)
        case "list":
            for place in (*places, TOWNSHIP):
                figures[place.code, item.code] = _from_rows(item, catalogue, rows, place)


def _from_rows(item, catalogue, rows, place) -> Figure:
    mine = [
        row
        for row in rows
        if row.list == item.list
        and (place is TOWNSHIP or row.unit_code == place.code)
        and all(row.cells[column] == value for column, value in item.where.items())
    ]
    if item.aggregate == "units":
        return Figure(None, None, "、".join(dict.fromkeys(row.unit_name for row in mine)))
    if item.aggregate == "count":
        return figure(item, Decimal(len(mine)))
    values = [row.cells[item.column] for row in mine if row.cells[item.column] is not None]
    if item.aggregate == "first":
        if item.is_text:
            return Figure(None, None, values[0] if values else "")
        return figure(item, values[0]) if values else Figure(None, None)
    return figure(item, sum(values, ZERO))


def written(folder: Path, book: Book, catalogue: Catalogue, **printing):
    """The workbook of a book, read back."""
    path = folder / "汇总表.xlsx"
    write_summary(path, book, catalogue, settings(**printing))
    return openpyxl.load_workbook(path)


def place_of(sheet, value) -> tuple[int, int]:
    """Row and column of the first cell that holds the value."""
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == value)
    return cell.row, cell.column


def row_of(sheet, name: str, column: int = 1) -> int:
    """The first row whose cell in that column holds the name."""
    return next(cell.row for [cell] in sheet.iter_rows(min_col=column, max_col=column) if cell.value == name)


def texts(sheet) -> list[str]:
    """Every text on a sheet."""
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
