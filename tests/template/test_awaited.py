"""What reports name and nobody has given yet, whichever of the templates names it."""

import pytest

from flows.template.awaited import awaited
from flows.template.supplements import path_of, write_supplements
from schemas.inputs import load_inputs
from schemas.outputs import REPORTS, TEMPLATE
from schemas.supplements import Supplement
from tests.office import small_inputs
from tests.reporting import write_template

YEAR = 2023
VISITS, QUARRELS = (Supplement(name, "件", None, "", "", "", "") for name in ("接待来访", "调解纠纷"))


@pytest.fixture
def waited(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    write_supplements(path_of(inputs, YEAR), [VISITS, QUARRELS])
    (inputs / REPORTS).mkdir()
    catalogue, settings, *_ = load_inputs(inputs, YEAR)
    return inputs, lambda: awaited(inputs, YEAR, settings, catalogue)


def test_figure_that_only_a_named_template_uses_is_waited_for_and_one_that_none_uses_is_not(waited):
    inputs, told = waited
    write_template(inputs / REPORTS / "民政模板.docx", "调解{{调解纠纷}}件。")
    (said,) = told()
    assert "调解纠纷" in said and "接待来访" not in said


def test_template_that_cannot_be_read_hides_none_of_the_others(waited):
    inputs, told = waited
    (inputs / TEMPLATE).write_bytes(b"no document")
    write_template(inputs / REPORTS / "民政模板.docx", "接待{{接待来访}}件。")
    (said,) = told()
    assert "接待来访" in said


def test_without_templates_nothing_is_waited_for(waited):
    assert waited[1]() == []
