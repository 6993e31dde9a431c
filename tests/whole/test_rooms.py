"""The rooms: imports run only the way that pyproject.toml's contracts say, none is excused, and each room has tests."""

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = {path for part in ("flows", "schemas", "tests") for path in (ROOT / part).rglob("*.py")}
SOURCES = {path for path in FILES if not path.is_relative_to(ROOT / "tests")}
_REASON = re.compile(r"# (heavy|optional): \w")
_HEAVY_OF_PYTHON = {"asyncio", "http", "importlib.metadata", "logging", "sqlite3", "urllib.request", "urllib.error"}


def test_imports_of_the_tree_keep_every_contract(monkeypatch, capsys):
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_contracts_excuse_no_import():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert contracts
    assert not [contract["name"] for contract in contracts if contract.get("ignore_imports")]


def test_every_import_inside_a_function_says_on_its_line_what_is_heavy_or_optional():
    assert [where for where, _, _, line in _inside_functions() if not _REASON.search(line)] == []


def test_import_inside_a_function_brings_what_its_module_has_not_loaded_anyway():
    light = [
        where
        for where, path, node, line in _inside_functions()
        if "# optional:" not in line and not _outside(_named(node)) - _outside(_at_top(path))
    ]
    assert light == []


def test_every_source_file_is_reached_by_the_tests_of_its_own_room():
    sources = [path for path in SOURCES if path.name != "__init__.py"]
    reached = {room: _reached(room) for room in {_room(path) for path in sources}}
    assert [str(path.relative_to(ROOT)) for path in sources if path not in reached[_room(path)]] == []


@cache
def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _inside_functions():
    """(place, module, import, its last line) of every import that waits until a function is called."""
    found = []
    for path in sorted(SOURCES):
        tree = _tree(path)
        lines = path.read_text(encoding="utf-8").splitlines()
        functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        for node in {node for function in functions for node in _imports(function)}:
            found.append((f"{path.relative_to(ROOT)}:{node.lineno}", path, node, lines[node.end_lineno - 1]))
    return found


def _imports(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


@cache
def _imported(path):
    """The modules that a file imports, wherever in it."""
    return {name for node in _imports(_tree(path)) for name in _named(node)}


@cache
def _at_top(path):
    """The modules that it imports as soon as it is loaded itself."""
    return {name for node in _tree(path).body if isinstance(node, ast.Import | ast.ImportFrom) for name in _named(node)}


def _named(node):
    """The modules that an import may load: `from a import b` is a, and a.b where that is one."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}


def _file(name):
    return ROOT.joinpath(*name.split(".")).with_suffix(".py")


def _outside(names):
    """The packages of others, and the slow parts of Python's own, that loading these modules loads."""
    found, waiting, seen = set(), set(names), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        first = name.partition(".")[0]
        if first in ("flows", "schemas"):
            waiting |= (_at_top(_file(name)) if _file(name) in SOURCES else set()) - seen
        elif first not in sys.stdlib_module_names:
            found.add(first)
        else:
            found |= {slow for slow in _HEAVY_OF_PYTHON if name == slow or name.startswith(f"{slow}.")}
    return found


def _room(path):
    """Where its tests are: the room's name; `whole` for what stands above the rooms."""
    within = path.relative_to(ROOT).parts
    return within[0] if within[0] == "schemas" else within[1] if len(within) > 2 else "whole"


def _reached(room):
    """The files that a room's tests import: themselves, by the makers in tests/, or by other files of the room."""
    waiting = [path for path in FILES if path.is_relative_to(ROOT / "tests" / room)]
    seen = set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for found in {_file(name) for name in _imported(path)} - seen:
            own = room == "whole" or found.parent == ROOT / "tests" or (found in SOURCES and _room(found) == room)
            if found in FILES and own:
                waiting.append(found)
    return seen
