"""Every language in files of its own kind, and every such file in what is installed."""

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from flows.emit.board import board
from flows.emit.page.markup import markup_beside
from flows.emit.page.offline import offline_page
from flows.store.statements import sql_statements

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "flows").rglob("*.py"))
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|WITH|PIVOT)\b.*\b(FROM|INTO|SET|AS)\b", re.DOTALL)
_MARKUP = re.compile(r"</?(a|br|button|div|form|h[1-4]|html|li|main|ol|p|section|span|table|tbody|td|th|tr|ul)\b[^>]*>")


@cache
def _strings() -> list[tuple[str, ast.Constant]]:
    """(place, node) of every string of every source file."""
    return [
        (f"{source.relative_to(ROOT).as_posix()}:{node.lineno}", node)
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_sql_of_more_than_a_line_stands_in_no_python_file() -> None:
    found = [place for place, one in _strings() if one.lineno != one.end_lineno and _SQL.match(one.value)]

    assert found == [], "put these into the .sql files beside"


def test_each_statement_of_a_module_is_named_once_and_used() -> None:
    texts = {source: source.read_text(encoding="utf-8") for source in SOURCES}
    users = [source for source in SOURCES if "_SQL" in texts[source]]
    asked = {source: Counter(set(re.findall(r'_SQL\["(\w+)"\]', texts[source]))) for source in users}

    assert len(users) > 20
    assert {one: Counter(name for name, _ in sql_statements(one.with_suffix(".sql"))) for one in users} == asked


def test_markup_of_a_page_stands_in_no_python_file() -> None:
    found = [place for place, one in _strings() if _MARKUP.search(one.value)]

    assert found == [], "put these into a template"


def test_what_somebody_typed_is_escaped_in_a_template_and_a_missing_value_is_our_fault() -> None:
    page = offline_page(
        "<b>甲</b>", Markup("<p></p>"), {"a": "</script>"}, ROOT / "flows" / "emit" / "board" / "board.py"
    )

    assert "<title>&lt;b&gt;甲&lt;/b&gt;</title>" in page and page.count("</script>") == 2
    with pytest.raises(UndefinedError):
        markup_beside(board.__file__)


def test_every_file_that_is_not_python_is_installed() -> None:
    given = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    for package, globs in given.items():
        installed = {path for pattern in globs for path in (ROOT / package).glob(pattern)}
        others = {
            path for path in (ROOT / package).rglob("*.*") if path.is_file() and path.suffix not in (".py", ".pyc")
        }

        assert others <= installed, others - installed
