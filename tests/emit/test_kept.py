"""The sheets of the last summary workbook taken over: only where nothing has changed that they are drawn from."""

from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs

from flows.emit.summary import summary
from flows.emit.summary.kept import Kept
from flows.emit.summary.summary import write_summary
from flows.emit.workbook.styles import HEAD, Ink
from flows.store.figures import Book, Sum
from schemas.catalogue import Catalogue
from tests.books import make_book, settings

RULES = b"rules"


def marked(book: Book, **marks: str) -> Book:
    """The book with a fingerprint of each indicator's figures, as the store gives it."""
    return replace(book, marks={code: marks.get(code, "as it was") for _, code in book.figures})


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """The areas that are drawn from now on."""
    areas: list[str] = []
    real = summary.draw_area
    monkeypatch.setattr(summary, "draw_area", lambda *given: (areas.append(given[2]), real(*given))[1])
    return areas


def changed(book: Book, code: str) -> Book:
    """One village says one more."""
    key = book.villages[0].code, code
    figure = book.figures[key]
    assert figure.value is not None and figure.printed is not None
    more = structs.replace(figure, value=figure.value + 1, printed=figure.printed + 1)
    return marked(replace(book, figures={**book.figures, key: more}), **{code: "changed"})


def test_one_changed_figure_draws_its_area_and_ends_as_from_nothing(book, catalogue, tmp_path, drawn):
    here, there = tmp_path / "here.xlsx", tmp_path / "there.xlsx"
    write_summary(here, marked(book), catalogue, settings(), RULES)
    assert len(drawn) == len(catalogue.areas)
    drawn.clear()
    write_summary(here, changed(book, "A07"), catalogue, settings(), RULES)
    assert drawn == ["党的建设"]
    write_summary(there, changed(book, "A07"), catalogue, settings())
    assert here.read_bytes() == there.read_bytes()


def test_a_figure_draws_the_areas_whose_ratios_take_it(catalogue: Catalogue, tmp_path, drawn):
    ratio = next(
        item for item in catalogue.indicators.values()
        if item.numerator and item.denominator and catalogue.indicators[item.denominator].area != item.area
    )  # fmt: skip
    book, path = make_book(catalogue), tmp_path / "t.xlsx"
    write_summary(path, marked(book), catalogue, settings(), RULES)
    drawn.clear()
    write_summary(path, marked(book, **{str(ratio.denominator): "changed"}), catalogue, settings(), RULES)
    assert {ratio.area, catalogue.indicators[str(ratio.denominator)].area} <= set(drawn)


CHANGES = {
    "other code": lambda book, path: (book, settings(), b"other"),
    "other settings": lambda book, path: (book, settings(rounding="none"), RULES),
    "a renamed village": lambda book, path: (
        replace(book, villages=[replace(book.villages[0], name="新村"), *book.villages[1:]]), settings(), RULES,
    ),
    "an edited file": lambda book, path: (path.open("ab").write(b"x"), (book, settings(), RULES))[1],
    "a lost file": lambda book, path: (path.unlink(), (book, settings(), RULES))[1],
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_all_sheets_follow_from_draws_all_again(book, catalogue, tmp_path, drawn, change):
    path = tmp_path / "here.xlsx"
    write_summary(path, marked(book), catalogue, settings(), RULES)
    drawn.clear()
    other, others, rules = change(marked(book), path)
    write_summary(path, other, catalogue, others, rules)
    assert len(drawn) == len(catalogue.areas)


def test_a_sheet_whose_looks_would_be_numbered_otherwise_is_drawn(book, catalogue, tmp_path):
    path = tmp_path / "here.xlsx"
    write_summary(path, marked(book), catalogue, settings(), RULES)
    kept, ink = Kept(path), Ink()
    basis = kept._sheets["基本情况"].basis
    ink.style((HEAD.but(size=77), False))
    assert kept.take("基本情况", basis, ink) is None
    assert kept.take("基本情况", "another", Ink()) is None


def test_sums_by_terrain_are_those_of_the_villages(book):
    whole = book.sum_of("D03", None)
    parts = [book.sum_of("D03", terrain) for terrain in ("川区", "山区")]
    assert whole == tuple(map(sum, zip(*parts, strict=True)))
    assert book.sum_of("no such", None) == (None, 0, None, 0)
    plain, hills = Sum(Decimal(3), 1, Decimal("3.2"), 2), Sum(Decimal(4), 2, Decimal("4.1"), 2)
    worked_out = replace(book, sums={("D03", "川区"): plain, ("D03", "山区"): hills}, figures={})
    assert worked_out.sum_of("D03", None) == (Decimal(7), 3, Decimal("7.3"), 4)
    assert worked_out.sum_of("D03", "山区") == hills
