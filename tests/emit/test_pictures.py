"""The board's pictures as text: what each drawing and the table beside it say; nothing typed becomes markup."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from lxml import etree, html

from flows.emit.board.matrix import ELSEWHERE, matrix_of
from flows.emit.board.outliers import MOST, outliers
from flows.emit.board.pictures import POINTS, pictures
from flows.emit.board.rows import ROWS
from flows.emit.pictures.svg import STYLE, WIDE, Dot, Pair, Tick, dots, pairs
from flows.store.figures import Figure
from flows.store.findings import Told
from flows.store.pending import Pending
from tests.books import settings

HOSTILE = "<script>x</script>\"'&\x00\x0b\u2028"
DEADLINE = settings().deadline
SVG = "{http://www.w3.org/2000/svg}"


def finding(indicator: str, code: str = "RELATION", grade="强制", **more) -> Told:
    return Told(code, grade, indicator, "", "", "", "", "不对", "", "", **{"explained": False, **more})


def unit(place, number: int, *findings: Told, state: str = "accepted", days: float = 0) -> Pending:
    at = None if state == "missing" else DEADLINE + timedelta(days=days)
    return Pending(
        place.code, place.name, "村", state, f"{number}.xlsx", received_at=at, expected=True, findings=[*findings]
    )


@pytest.fixture(scope="module")
def places(book):
    """The villages of the book, by their place in it."""
    return list(book.villages)


def drawn(svg: str) -> etree._Element:
    return etree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in drawn(svg).iter(f"{SVG}text")]


def test_bars_say_the_numbers_they_were_given_and_nothing_of_their_own():
    svg = pairs(
        [Pair("低保户数", 12.0, "12户", 24.0, "24户", "#a"), Pair("九个字的指标名称啊", 0.0, "0户", 0.0, "0户")]
    )
    assert sorted(texts(svg)) == sorted(["九个字的指标名…", "低保户数", "0户", "0户", "12户", "24户"])
    nothing, none, half, whole = sorted(float(node.get("width") or 0) for node in drawn(svg).iter(f"{SVG}rect"))
    assert (nothing, none) == (0, 0) and whole == pytest.approx(2 * half)
    said = {title.text for title in drawn(svg).iter(f"{SVG}title")}
    assert said == {"低保户数：本年 12户，上年 24户", "九个字的指标名称啊：本年 0户，上年 0户"}


def test_drawings_carry_no_script_style_or_date_and_are_the_same_twice():
    ticks = [Tick(0, "零"), Tick(1, "一")]
    one, other = (dots([[Dot(0.5, 0.5, "甲", "#r0", "in")]], ticks, ticks, 80, [0.2]) for _ in range(2))
    assert one == other
    assert not {"script", "style", "defs", "desc"} & {node.tag.removeprefix(SVG) for node in drawn(one).iter()}
    assert "<!--" not in one and " style=" not in one and " id=" not in one
    [mark] = drawn(one).iter(f"{SVG}a")
    assert mark.get("tabindex") == "-1" and drawn(one).get("aria-hidden") == "true"
    assert drawn(one).get("viewBox") == f"0 0 {WIDE} 80" and ".pic" in STYLE


def test_what_was_typed_is_text_in_a_drawing():
    ticks = [Tick(0, HOSTILE), Tick(1, HOSTILE)]
    for svg in (
        pairs([Pair(HOSTILE, 1.0, HOSTILE, 2.0, HOSTILE, "#x")]),
        dots([[Dot(0, 0, HOSTILE, "#x")]], ticks, ticks, 80),
    ):
        assert not list(drawn(svg).iter(f"{SVG}script"))
        assert any("<script>x</script>" in words or words.startswith("<script") for words in texts(svg))


def test_matrix_counts_by_area_and_standing_and_keeps_what_has_no_area(places, catalogue):
    units = [
        unit(places[0], 0, finding("I01"), finding("I02"), finding("I01", grade="核实"), state="returned"),
        unit(places[1], 1, finding("I01", grade="核实", explained=True), finding("I01", grade="提示")),
        unit(places[2], 2, finding(""), state="unreadable"),
        unit(places[3], 3, finding("L101"), state="missing"),
    ]
    matrix = matrix_of(units, catalogue)
    at = matrix.areas.index("民生保障")
    assert [row.cells[at] for row in matrix.rows] == [[("改", 2), ("核", 1)], [("说", 1)], [], []]
    assert (matrix.areas[-1], matrix.rows[2].cells[-1]) == (ELSEWHERE, [("改", 1)])
    assert matrix.rows[3].cells[matrix.areas.index(catalogue.lists["L1"].area)] == [("改", 1)]
    assert ELSEWHERE not in matrix_of(units[:2], catalogue).areas
    assert [row.word for row in matrix.rows] == ["已退回", "已采用", "读不出", "未报"]


def page(units, book, catalogue):
    return html.fromstring(f"<main>{pictures(units, book, catalogue, DEADLINE).markup}</main>")


def rows(section) -> list[list[str]]:
    return [[cell.text_content().strip() for cell in row] for row in section.iterfind(".//tbody/tr")]


def test_arrivals_are_counted_by_day_against_the_deadline(places, book, catalogue):
    units = [unit(places[0], 0, days=-2), unit(places[1], 1, days=-2), unit(places[2], 2, days=0.1, state="returned"),
             unit(places[3], 3, state="missing")]  # fmt: skip
    section = page(units, book, catalogue).get_element_by_id("arrivals").getparent()
    assert rows(section) == [["2024年1月8日", "2", "2", "0"], ["2024年1月10日", "1", "3", "1"]]
    assert "（2024年1月10日18时）" in section.text_content()
    marks = [node.get("class") for node in section.iter("circle")]
    assert marks == ["in", "in", "out"]
    assert [node.get("xlink:href") for node in section.iter("a")] == ["#r0", "#r1", "#r2"]


def test_totals_of_each_area_stand_beside_last_years_as_they_are_printed(places, book, catalogue):
    figures = book.figures | {(book.township.code, "I01"): Figure(Decimal("1234"), Decimal("1234"))}
    last = book.last | {(book.township.code, "I01"): Figure(Decimal("1200"), Decimal("1200"))}
    section = page([], replace(book, figures=figures, last=last), catalogue).get_element_by_id("totals").getparent()
    names = [one.text for one in section.iter("figcaption")]
    assert set(names) <= set(catalogue.areas) and "民生保障" in names
    said = rows(next(one for one in section.iter("figure") if one.findtext("figcaption") == "民生保障"))
    assert said[0] == ["低保户数（户）", "1234", "1200", "+2.8"] and len(said) == 5
    assert not page([], replace(book, last={}, like={}), catalogue).xpath("//*[@id='totals']")


def odd(indicator: str, **more) -> Told:
    return finding(indicator, "OUTLIER", "核实", values={"each": "9", "value": "90"}, **more)


def test_outlier_stands_apart_from_the_others_in_times_their_median(places, book, catalogue):
    base = catalogue.indicators["I01"].outlier_per
    figures = {(place.code, code): Figure(Decimal(value), Decimal(value)) for place in places
               for code, value in (("I01", "9"), (base, "10"))}  # fmt: skip
    units = [unit(place, at, *([odd("I01")] if at == 3 else [])) for at, place in enumerate(places)]
    [plot], left_out = outliers(units, replace(book, figures=figures), catalogue)
    assert (plot.odd[0].number, plot.odd[0].unit, left_out) == (3, places[3].name, 0)
    marks = {
        node.getprevious().text.partition("：")[0]: float(node.get("cx"))
        for node in drawn(plot.drawn).iter(f"{SVG}circle")
    }
    ticks = {node.text: float(node.get("x")) for node in drawn(plot.drawn).iter(f"{SVG}text") if node.text}
    assert marks[places[3].name] == pytest.approx(ticks["10 倍"], abs=0.1)
    assert all(at == pytest.approx(ticks["中位数"], abs=0.1) for name, at in marks.items() if name != places[3].name)


def test_figure_slipped_by_a_unit_is_measured_as_it_stands(places, book, catalogue):
    slip = finding("I01", "UNIT_SLIP", "核实", values={"value": "900000"})
    figures = {(place.code, "I01"): Figure(Decimal(90), Decimal(90)) for place in places}
    units = [unit(place, at, *([slip] if not at else [])) for at, place in enumerate(places)]
    [plot], _ = outliers(units, replace(book, figures=figures), catalogue)
    assert "10000 倍" in texts(plot.drawn) and plot.name == "低保户数"


def test_outliers_with_too_few_others_are_not_drawn_and_many_are_named_as_left_out(places, book, catalogue):
    assert outliers([unit(places[0], 0, odd("I01"))], replace(book, figures={}), catalogue) == ([], 0)
    codes = [one.code for one in catalogue.indicators.values() if one.outlier_per and one.reporter == "village"]
    bases = {catalogue.indicators[code].outlier_per for code in codes}
    figures = {(place.code, code): Figure(Decimal(5), Decimal(5)) for place in places for code in {*codes, *bases}}
    units = [unit(place, at, *(odd(code) for code in codes if not at)) for at, place in enumerate(places)]
    plots, left_out = outliers(units, replace(book, figures=figures), catalogue)
    assert len(plots) == MOST and left_out == len(codes) - MOST
    assert f"还有 {left_out} 项没有画" in page(units, replace(book, figures=figures), catalogue).text_content()


def test_units_beyond_the_first_unfold_under_their_plot(places, book, catalogue):
    figures = {(place.code, code): Figure(Decimal(5), Decimal(5)) for place in places
               for code in ("I01", catalogue.indicators["I01"].outlier_per)}  # fmt: skip
    units = [unit(place, at, *([odd("I01")] if at < 9 else [])) for at, place in enumerate(places)]
    section = page(units, replace(book, figures=figures), catalogue).get_element_by_id("plots").getparent()
    assert [len(one) for one in section.iter("ul")] == [6, 3]
    assert [one.text for one in section.iter("summary")] == ["另外 3 个"]


def test_six_hundred_units_fit_the_page(places, book, catalogue):
    findings = [finding(code) for code in ("I01", "J01", "A07", "C05")]
    units = [unit(replace(places[0], name=f"第{n}村"), n, *findings, days=n / 100 - 5) for n in range(600)]
    assert len(pictures(units, book, catalogue, DEADLINE).markup.encode()) < 700_000


def test_a_county_is_drawn_from_all_units_and_leads_to_those_that_have_a_row(places, book, catalogue):
    units = [
        unit(replace(places[0], code=f"{n:012}", name=f"第{n}村"), n, days=n / 1_000 - 9) for n in range(ROWS + 900)
    ]
    units[-1] = replace(units[-1], state="returned", findings=[finding("I01")])
    shown = page(units, book, catalogue)
    assert len(shown.xpath("//table[@class='matrix']/tbody/tr")) == ROWS
    section = shown.get_element_by_id("arrivals").getparent()
    assert rows(section)[-1][2] == str(ROWS + 900)
    assert POINTS / 2 <= len(list(section.iter("circle"))) <= POINTS + 1
    links = [link for node in section.iter("a") if (link := node.get("xlink:href")) and link.startswith("#r")]
    assert links and all(0 <= int(link[2:]) < ROWS for link in links)
