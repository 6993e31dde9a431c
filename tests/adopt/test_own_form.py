"""A form that the program made itself gives back the catalogue it came from."""

from pathlib import Path

import pytest

from flows.adopt.found import FoundForm, FoundRelation
from flows.emit.forms.forms import write_forms
from schemas.catalogue import Catalogue, declared
from schemas.expressions import bracketed
from schemas.roster import Unit
from tests.adopt.pages import found

UNITS = {None: Unit("990101101201", "南川村", "村"), "904": Unit("990101101904", "经济发展和项目办公室", "站所")}
YEAR = 2023


@pytest.fixture(scope="module", params=UNITS, ids=["village", "office"])
def adopted(request, tmp_path_factory) -> tuple[str | None, FoundForm]:
    settings = {"year": YEAR, "township": "示例镇", "deadline": "2024年1月10日18时"}
    folder: Path = tmp_path_factory.mktemp("own")
    [path] = write_forms(folder, [UNITS[request.param]], declared(), **settings)
    return request.param, found(path.read_bytes())


def test_own_form_gives_back_names_units_and_parents(adopted) -> None:
    office, form = adopted
    wanted = {i.code: (i.printed_name, i.unit, i.parent or "") for i in declared().reported(YEAR, office)}
    listed = {c.code: (c.name, c.unit, "") for one in declared().reported_lists(office) for c in one.columns}
    codes = {answer.id: answer.code for answer in form.answers}

    assert {a.code: (a.name, a.unit, codes.get(a.parent, "")) for a in form.answers} == wanted | listed


def test_own_form_gives_back_the_choices_of_its_lists(adopted) -> None:
    office, form = adopted
    wanted = {c.code: c.choices for one in declared().reported_lists(office) for c in one.columns if c.choices}

    assert {a.code: a.choices for a in form.answers if a.type == "choice"} == wanted


def test_own_form_gives_back_every_relation_that_it_can_hold(adopted) -> None:
    office, form = adopted
    codes = {answer.id: answer.code for answer in form.answers}
    read = {_over_codes(one, codes) for one in form.relations}

    assert {_as_declared(one) for one in _held(declared(), office)} == read


def _held(catalogue: Catalogue, office: str | None) -> list:
    asked = {item.code for item in catalogue.reported(YEAR, office)}
    lists = catalogue.reported_lists(office)
    within = [one for line_list in lists for one in line_list.relations]
    return [*(one for one in catalogue.relations.values() if one.at == "unit" and set(one.codes) <= asked), *within]


def _as_declared(one) -> tuple[str, str, str, str]:
    return one.left.replace(" ", ""), one.relation, one.right.replace(" ", ""), one.grade


def _over_codes(one: FoundRelation, codes: dict[str, str]) -> tuple[str, str, str, str]:
    left, right = one.left, one.right
    for answer, code in codes.items():
        left, right = (side.replace(f"[{answer}]", bracketed(code)) for side in (left, right))
    return left.replace(" ", ""), one.relation, right.replace(" ", ""), one.grade
