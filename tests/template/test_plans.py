"""What was planned beside what came in: one figure for tables, board and report, from exact values."""

from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from flows.emit.board.board import board_page
from flows.store.figures import Figure
from flows.template.plans import plans_of
from flows.template.slots import parse, resolve
from schemas.catalogue import Catalogue
from schemas.township import load_settings
from tests.books import settings
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import figure, small_book

ROADS, MOVED = "T06", "T08"
NOW = datetime(2024, 1, 12, 10, tzinfo=settings().zone)


def plan(code, planned, catalogue=CATALOGUE, **figures):
    book = small_book(figures, last_targets={code: Decimal(planned)})
    return next(one for one in plans_of(book, catalogue) if one.target.code == code)


@pytest.mark.parametrize(
    ("planned", "done", "per_cent"),
    [("24", "25.8", "107.5"), ("3", "1", "33.3"), ("8", "0.004", "0.1"), ("30", "20.015", "66.7"), ("0", "5", None)],
)
def test_rate_comes_from_exact_figures_rounded_half_up(planned, done, per_cent):
    found = plan(ROADS, planned, F04=done)
    assert found.per_cent == (None if per_cent is None else Decimal(per_cent))
    assert found.planned == Decimal(planned)


def test_target_without_an_indicator_or_a_figure_has_a_plan_alone():
    assert plan("T01", "2")[2:] == (None, None, False)
    assert plan(ROADS, "24")[2:] == (None, None, False)
    assert plan(ROADS, "24", F04=Figure(None, None, units_counted=0, units_expected=2))[2:4] == (None, None)


def test_figure_is_shown_in_the_unit_of_the_target_and_not_at_all_in_one_that_does_not_convert():
    other = Catalogue()
    for unit, done in (("米", "25800"), ("户", None)):
        other.targets[ROADS] = msgspec.structs.replace(CATALOGUE.targets[ROADS], unit=unit, decimals=0)
        found = plan(ROADS, "24000", other, F04="25.8")
        assert found.done == (None if done is None else Decimal(done))
        assert found.per_cent == (None if done is None else Decimal("107.5"))


def test_report_and_plan_say_the_same_rate():
    for planned, done in (("24", "25.8"), ("7", "3.31"), ("16", "2.01")):
        book = small_book({"F04": done}, last_targets={ROADS: Decimal(planned)})
        (slot,) = parse("{{道路硬化里程|完成率}}")
        said = resolve(slot, book, CATALOGUE, load_settings(SAMPLE, CATALOGUE)).text
        assert Decimal(said) == plan(ROADS, planned, F04=done).per_cent


def test_board_shows_the_plan_and_says_while_units_are_out():
    half = msgspec.structs.replace(figure("F12", "13"), units_counted=1, units_expected=2, provisional=True)
    book = small_book({"F12": half}, last_targets={MOVED: Decimal(26), "T01": Decimal(2)})
    page = board_page([], {}, settings(), 2023, NOW, (), plans_of(book, CATALOGUE))
    row = '<th scope="row">避险搬迁任务</th><td>户</td><td class="num">26</td>'
    assert f'{row}<td class="num">13<small>未收齐</small></td><td class="num">50.0</td>' in page
    assert '<th scope="row">引进种薯企业</th><td>家</td><td class="num">2</td><td class="num"></td>' in page
    assert "本年计划完成情况" not in board_page([], {}, settings(), 2023, NOW)
