"""A paragraph's runs: a changed piece looks as the run it begins in, marks split runs, what goes leaves no hole."""

import pytest
from lxml import etree

from flows.template.compose import compose
from flows.template.filling import Filled
from flows.template.word_runs import WORD, Place, put_in, rewrite, take_out, underlined

W = f"{{{WORD}}}"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
BOLD, LINE = "<w:rPr><w:b/></w:rPr>", '<w:rPr><w:u w:val="single"/></w:rPr>'


def element(xml: str) -> etree._Element:
    return etree.fromstring(f'<w:body xmlns:w="{WORD}">{xml}</w:body>')


def paragraph(*runs: tuple[str, str]) -> tuple[etree._Element, list[Place]]:
    """A paragraph of (look, text) runs, and where each character stands."""
    [made] = element("<w:p>" + "".join(f"<w:r>{look}<w:t>{text}</w:t></w:r>" for look, text in runs) + "</w:p>")
    return made, [(node, at) for node in made.iter(f"{W}t") for at in range(len(node.text))]


def shown(made: etree._Element) -> list[tuple[str, bool, str]]:
    """Text, whether bold, and highlight of each run that says something."""
    found = []
    for run in made.iter(f"{W}r"):
        marked = run.find(f"{W}rPr/{W}highlight")
        text = "".join(node.text for node in run.iter(f"{W}t"))
        found.append((text, run.find(f"{W}rPr/{W}b") is not None, "" if marked is None else marked.get(f"{W}val")))
    return [run for run in found if run[0]]


def written(filled: Filled, *runs: tuple[str, str]) -> list[tuple[str, bool, str]]:
    made, places = paragraph(*runs)
    [line] = compose(["".join(text for _, text in runs)], lambda part: filled).lines
    rewrite(places, line)
    return shown(made)


def test_slot_cut_over_runs_takes_the_look_of_the_run_it_begins_in():
    runs = ("", "低保{{低"), (BOLD, "保户"), ("", "数}}户。")
    assert written(Filled("618"), *runs) == [("低保618", False, ""), ("户。", False, "")]
    runs = ("", "低保"), (BOLD, "{{低保"), ("", "户数}}户。")
    assert written(Filled("618"), *runs) == [("低保", False, ""), ("618", True, ""), ("户。", False, "")]


@pytest.mark.parametrize(
    ("filled", "colour"), [(Filled("——", missing=True), "yellow"), (Filled("12", provisional=True), "lightGray")]
)
def test_missing_and_provisional_figures_are_marked_and_nothing_beside_them(filled, colour):
    assert written(filled, (BOLD, "低保{{低保户数}}户。")) == [
        ("低保", True, ""), (filled.text, True, colour), ("户。", True, "")
    ]  # fmt: skip


def test_paragraph_without_slots_is_left_byte_for_byte():
    made, places = paragraph((BOLD, "全镇平稳"), ("", "。"))
    before = etree.tostring(made)
    [line] = compose(["全镇平稳。"], lambda part: Filled("")).lines
    rewrite(places, line)
    assert etree.tostring(made) == before


@pytest.mark.parametrize(
    ("runs", "found"),
    [
        ([("", "低保"), (LINE, "   "), ("", "户")], [(2, 5)]),
        ([("", "低保"), (LINE, " "), ("", "户")], [(2, 3)]),
        ([("", "低保"), (LINE, " "), ("", "，")], []),
        ([("", "低保"), ("", "   "), ("", "户")], []),
        ([(LINE, "低保"), (LINE, "\u3000")], [(2, 3)]),
    ],
    ids=["several", "one before a unit", "one", "not underlined", "a wide one"],
)
def test_underlined_spaces_are_a_blank(runs, found):
    made, places = paragraph(*runs)
    assert list(underlined("".join(text for _, text in runs), places)) == found
    assert made is not None


def test_empty_paragraph_speaks_in_the_look_of_its_mark():
    [made] = element("<w:p><w:pPr><w:rPr><w:b/></w:rPr></w:pPr></w:p>")
    put_in(made, "暂无")
    assert shown(made) == [("暂无", True, "")]


def test_what_is_taken_out_takes_its_empty_row_and_table_along_but_no_picture_and_no_section():
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    table = element(f"<w:tbl><w:tr>{cell.format('甲')}</w:tr><w:tr>{cell.format('')}</w:tr></w:tbl>")
    take_out(list(table.iter(f"{W}p"))[1])
    assert len(table.findall(f"{W}tbl/{W}tr")) == 1
    single = element(f"<w:tbl><w:tr>{cell.format('')}</w:tr></w:tbl><w:p/>")
    take_out(next(single.iter(f"{W}p")))
    assert [child.tag for child in single] == [f"{W}p"]
    for kept in ("<w:p><w:r><w:drawing/></w:r></w:p>", "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"):
        body = element(kept)
        take_out(body[0])
        assert len(body) == 1


def test_marked_figure_leaves_the_signs_and_words_behind_it_in_their_run():
    [made] = element("<w:p><w:r><w:t>低保{{低保户数}}户</w:t><w:br/><w:t>，完</w:t></w:r></w:p>")
    first, last = made.iter(f"{W}t")
    text = "低保{{低保户数}}户\n，完"
    places = [*((first, at) for at in range(len(first.text))), (None, 10), *((last, at) for at in range(2))]
    [line] = compose([text], lambda part: Filled("——", missing=True)).lines

    rewrite(places, line)

    assert shown(made) == [("低保", False, ""), ("——", False, "yellow"), ("户", False, ""), ("，完", False, "")]
    assert [child.tag for child in made[-1]] == [f"{W}br", f"{W}t"]


def test_figure_in_an_equation_is_put_in_and_not_highlighted():
    made = etree.fromstring(f'<w:p xmlns:w="{WORD}" xmlns:m="{MATH}"><m:r><m:t>{{{{低保户数}}}}</m:t></m:r></w:p>')
    [node] = made.iter(f"{{{MATH}}}t")
    [line] = compose([node.text], lambda part: Filled("——", missing=True)).lines

    rewrite([(node, at) for at in range(len(node.text))], line)

    assert node.text == "——" and made.find(f".//{W}highlight") is None


def test_mark_takes_the_place_of_a_colour_that_was_there():
    green = '<w:rPr><w:b/><w:highlight w:val="green"/><w:u w:val="single"/></w:rPr>'
    made, places = paragraph((green, "{{低保户数}}"))
    [line] = compose(["{{低保户数}}"], lambda part: Filled("——", missing=True)).lines
    rewrite(places, line)
    look = made.find(f"{W}r/{W}rPr")
    assert [(child.tag, child.get(f"{W}val")) for child in look][1:] == [
        (f"{W}highlight", "yellow"), (f"{W}u", "single")
    ]  # fmt: skip


def test_cells_of_one_row_that_are_all_taken_out_take_it_out_once():
    cell = "<w:tc><w:p/></w:tc>"
    body = element(f"<w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl><w:p/>")
    for gone in list(body.iter(f"{W}tc")):
        take_out(gone[0])
    assert [child.tag for child in body] == [f"{W}p"]


def test_paragraph_among_others_is_taken_out_alone():
    body = element("<w:p/><w:p/><w:tbl><w:tr><w:tc><w:p/><w:p><w:r><w:t>留</w:t></w:r></w:p></w:tc></w:tr></w:tbl>")
    take_out(body[0])
    take_out(next(body.iter(f"{W}tc"))[0])
    assert len(body.findall(f"{W}p")) == 1 and len(body.findall(f".//{W}tc/{W}p")) == 1
