"""Every language in files of its own kind, and every such file in what is installed."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.store.statements import sql_statements

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "flows").rglob("*.py"))
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|WITH|PIVOT)\b.*\b(FROM|INTO|SET|AS)\b", re.DOTALL)


def _strings(source: Path) -> Iterator[ast.Constant]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sql_of_more_than_a_line_stands_in_no_python_file(source: Path) -> None:
    found = [one.lineno for one in _strings(source) if one.lineno != one.end_lineno and _SQL.match(one.value)]

    assert found == [], f"put these into {source.with_suffix('.sql').name}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_statement_of_a_module_is_named_once_and_used(source: Path) -> None:
    beside = source.with_suffix(".sql")
    asked = set(re.findall(r'_SQL\["(\w+)"\]', source.read_text(encoding="utf-8")))
    if "_SQL" not in source.read_text(encoding="utf-8"):
        assert not asked
        return

    assert Counter(name for name, _ in sql_statements(beside)) == Counter(asked)


def test_every_file_that_is_not_python_is_installed() -> None:
    given = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    for package, globs in given.items():
        installed = {path for pattern in globs for path in (ROOT / package).glob(pattern)}
        others = {
            path for path in (ROOT / package).rglob("*.*") if path.is_file() and path.suffix not in (".py", ".pyc")
        }

        assert others <= installed, others - installed
