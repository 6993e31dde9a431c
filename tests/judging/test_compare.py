"""What a unit says in several forms is compared together; each finding stands with the form that has its figure."""

import numpy as np
import pandas as pd
import pytest

from flows.judging.compare import Sent, _between, _joined
from schemas.columns import Columns
from schemas.expressions import SCALE
from tests.office import CATALOGUE

CODES = ("A10", "A11", "J01")
FORMS = """
sub | unit | newest | A10 | A11 | J01
1   | 201  |        | 9   | 9   |
2   | 201  | yes    | 3   |     |
3   | 201  | yes    |     | 5   | 70
4   | 202  | yes    | 8   | 2   | 90
5   | 203  | yes    |     | 7   |
"""
"""Village 201 has sent two forms, and the first of them twice; the others one each."""


def columns(rows: list[list[str]], subs: list[int]) -> Columns:
    cells = [
        (sub, code, int(raw) * SCALE) for sub, row in zip(subs, rows, strict=True)
        for code, raw in zip(CODES, row, strict=True) if raw
    ]  # fmt: skip
    frame = pd.DataFrame(cells, columns=["row", "code", "value"]).astype({"value": "Int64"})
    return Columns.of(subs, CODES, frame["row"], frame["code"], frame["value"])


def sent(table: str) -> Sent:
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]
    subs = [int(line[0]) for line in lines]
    about = pd.DataFrame(
        [(int(unit), False, newest == "yes") for _, unit, newest, *_ in lines],
        columns=["unit_code", "is_office", "is_newest"],
        index=pd.Index(subs, name="sub_id"),
    )
    own = columns([line[3:] for line in lines], subs)
    return Sent(about, _joined(own, about), columns([[""] * len(CODES)] * len(subs), subs), own)


def shown(values: Columns) -> list[list[int | None]]:
    each = (values.at(place) for place in range(len(values.rows)))
    return [[None if row[code] is None else int(row[code]) // SCALE for code in CODES] for row in each]


def test_newest_of_each_form_has_what_the_others_say_and_earlier_ones_stay_as_they_were() -> None:
    found = sent(FORMS)
    assert shown(found.values) == [[9, 9, None], [3, 5, 70], [3, 5, 70], [8, 2, 90], [None, 7, None]]
    assert shown(found.own) == [[9, 9, None], [3, None, None], [None, 5, 70], [8, 2, 90], [None, 7, None]]


def test_what_a_form_says_itself_goes_before_what_another_says_of_the_same() -> None:
    found = sent(FORMS.replace("2   | 201  | yes    | 3   |  ", "2   | 201  | yes    | 3   | 4"))
    assert shown(found.values)[1:3] == [[3, 4, 70], [3, 5, 70]]


def test_where_three_forms_differ_the_later_one_fills_the_blank() -> None:
    table = FORMS.replace("4   | 202 ", "4   | 201 ").replace("5   | 203 ", "5   | 201 ")
    assert shown(sent(table).values)[1:] == [[3, 7, 90], [8, 5, 70], [8, 2, 90], [8, 7, 90]]


def test_usual_figures_have_each_village_once() -> None:
    found = sent(FORMS)
    assert [found.values.rows[place] for place in found.newest] == [3, 4, 5]
    assert shown(found.usual) == [[3, 5, 70], [8, 2, 90], [None, 7, None]]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("5", [(2, "A10", "问题清单条数 3，小于问题清单整改完成条数 5")]),
        ("3", []),
        (" ", []),
    ],
    ids=["more than the whole", "as much", "not said"],
)
def test_relation_over_two_forms_is_told_once_where_its_first_figure_stands(part: str, told: list) -> None:
    found = _between(sent(FORMS.replace("|     | 5   |", f"|     | {part}   |")), CATALOGUE)
    assert [(sub, finding.indicator) for sub, finding in found] == [each[:2] for each in told]
    assert all(words in finding.message("") for (_, finding), (*_, words) in zip(found, told, strict=True))


def test_relation_within_one_form_is_left_to_that_forms_own_check() -> None:
    one_form = FORMS.replace("4   | 202  | yes    | 8   | 2 ", "4   | 202  | yes    | 2   | 8 ")
    assert [sub for sub, _ in _between(sent(one_form), CATALOGUE)] == [2]
    single = "\n".join(line for line in one_form.strip().splitlines() if not line.startswith(("2", "3")))
    assert _between(sent(single), CATALOGUE) == []
    assert np.array_equal(sent(single).values.known, sent(single).own.known)
