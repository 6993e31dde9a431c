"""The rooms: imports run only the way that pyproject.toml's contracts say, and none is excused."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]


def test_imports_of_the_tree_keep_every_contract(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_contracts_excuse_no_import():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert contracts
    assert not [contract["name"] for contract in contracts if contract.get("ignore_imports")]


def test_every_import_inside_a_function_brings_something_heavy_or_optional_and_says_what():
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in _inside_functions(tree)
        if not _REASON.search(path.read_text(encoding="utf-8").splitlines()[node.end_lineno - 1])
    ] == []
    light = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in _inside_functions(tree)
        if "# optional:" not in path.read_text(encoding="utf-8").splitlines()[node.end_lineno - 1]
        and not _outside(_named(node)) - _outside(_at_top(tree))
    ]
    assert light == [], "nothing that is not loaded with the module anyway: at its top, then"


TREES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for room in ("flows", "schemas")
    for path in (ROOT / room).rglob("*.py")
}
_REASON = re.compile(r"# (heavy|optional): \w")
_HEAVY_OF_PYTHON = {"asyncio", "http", "importlib.metadata", "logging", "sqlite3", "urllib.request", "urllib.error"}


def _inside_functions(tree):
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    inside = {node for function in functions for node in ast.walk(function)}
    return sorted(
        (node for node in inside if isinstance(node, ast.Import | ast.ImportFrom)), key=lambda one: one.lineno
    )


def _at_top(tree):
    return {name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for name in _named(node)}


def _named(node):
    """The modules that an import may load: `from a import b` is a, and a.b where that is one."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}


def _outside(names):
    """The packages of others, and the slow parts of Python's own, that loading these modules loads."""
    found, waiting, seen = set(), set(names), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        if name.partition(".")[0] in ("flows", "schemas"):
            path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
            waiting |= (_at_top(TREES[path]) if path in TREES else set()) - seen
        elif name.partition(".")[0] not in sys.stdlib_module_names:
            found.add(name.partition(".")[0])
        else:
            found |= {slow for slow in _HEAVY_OF_PYTHON if name == slow or name.startswith(f"{slow}.")}
    return found
