"""Levels of places: what each is called, and how the tables of a county speak of the whole."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.declarations import _no_sheet
from schemas.levels import level_of, levels
from schemas.township import Who


@pytest.mark.parametrize(
    ("code", "name", "said", "whole"),
    [
        ("990101101", "示例镇", "", "全镇"),
        ("990101201", "示例乡", "", "全乡"),
        ("990101001", "城关街道", "", "全街道"),
        ("990101001", "城关街道办事处", "", "全街道"),
        ("990101", "示例县", "", "全县"),
        ("990101", "示例自治县", "", "全县"),
        ("990102", "示例区", "", "全区"),
        ("9901", "示例自治州", "", "全州"),
        ("99", "示例省", "", "全省"),
        ("990101103", "示例经济开发区", "全开发区", "全开发区"),
        ("990101103", "示例农场", "", "全镇"),
    ],
)
def test_whole_is_called_by_its_level_and_name_or_as_the_settings_say(code, name, said, whole):
    assert Who(code=code, name=name, whole=said).words.whole == whole


def test_every_level_has_its_own_length_of_code_and_none_other_is_one():
    digits = [level.digits for level in levels().values()]
    assert digits == sorted(set(digits), reverse=True)
    assert [level_of("9" * each) for each in digits] == list(levels())
    with pytest.raises(StopIteration):
        level_of("9901011")


def test_no_area_may_be_called_as_the_sheet_of_any_levels_totals():
    assert _no_sheet("全县合计", {}) == _no_sheet("全镇合计", {}) != ""


def test_place_calls_itself_by_the_word_of_its_whole():
    assert Who(code="990101", name="示例县").words.here == "本县"
    assert Who(code="990101001", name="城关街道").words.here == "本街道"
    assert Who(code="990101103", name="示例经济开发区", whole="全开发区").words.here == "本开发区"
    assert Who(code="990101103", name="示例农场", whole="农场合计").words.here == "本级"


FLOWS = Path(__file__).parents[2] / "flows"
OF_TOWNSHIPS = ("starting", "binding", "reading", "setup.py", "cli.py", "begin.html")
"""Where townships begin, and what people write is understood: there words of a township are meant."""


def _texts(path: Path) -> Iterator[str]:
    """What of a file may be read by others: of Python the strings that are no docstrings."""
    if path.suffix != ".py":
        yield path.read_text(encoding="utf-8")
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_no_text_that_a_county_sees_has_a_word_of_townships_in_it():
    own = levels()["township"]
    words = {word for each in (own, *own.endings.values()) for word in (each.whole, each.here, each.offices)}
    typed = re.compile("|".join(sorted({*words, "本乡镇", "全乡镇"})))
    files = [path for kind in ("py", "js", "html", "sql") for path in FLOWS.rglob(f"*.{kind}")]
    seen = [path for path in files if not {*path.relative_to(FLOWS).parts} & {*OF_TOWNSHIPS}]
    assert len(seen) > 200
    assert {path.name: found for path in seen for text in _texts(path) if (found := typed.findall(text))} == {}
