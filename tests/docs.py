"""The generated parts of the documents, each between two markers: `python -m tests.docs` writes them anew."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from flows.commands.cli import cli
from flows.store.reader import in_memory
from schemas.findings import KINDS

ROOT = Path(__file__).parents[1]
COMMON = {"--year", "--inputs", "--outputs"}


def with_part(document: str, name: str, part: str) -> str:
    """The document with that part of it; both markers must stand there."""
    text = (ROOT / document).read_text(encoding="utf-8")
    marked = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    done, times = marked.subn(lambda _: f"\n{part}\n\n", text)
    if times != 1:
        raise ValueError(f"{document}: {name} is marked {times} times")
    return done


def commands(group: click.Group, name: str) -> Iterator[tuple[str, ...]]:
    """Every command with its help and its own options."""
    for verb, command in group.commands.items():
        called = f"{name} {verb}"
        if isinstance(command, click.Group):
            yield from commands(command, called)
            continue
        wanted = [each.human_readable_name for each in command.params if isinstance(each, click.Argument)]
        options = [each.opts[0] for each in command.params if isinstance(each, click.Option)]
        yield (
            f"`{' '.join((called, *wanted))}`",
            (command.help or "").strip(),
            " ".join(f"`{each}`" for each in options if each not in COMMON),
        )


def rooms() -> str:
    """The rooms and who imports whom, without arrows that follow from others."""
    arrows = {room: set[str]() for room in _rooms()}
    for room, files in _rooms().items():
        for file in files:
            arrows[room] |= {to for to in map(_room_of, _imported(file)) if to in arrows and to != room}
    lines = [f"    {room} --> {to}" for room in arrows for to in sorted(_direct(room, arrows))]
    return "\n".join(("```mermaid", "flowchart TD", *lines, "```"))


def _rooms() -> dict[str, list[Path]]:
    found = {"schemas": sorted((ROOT / "schemas").rglob("*.py"))}
    for path in sorted((ROOT / "flows").iterdir()):
        files = [path] if path.suffix == ".py" and path.stem != "__init__" else sorted(path.rglob("*.py"))
        if files and path.stem != "__init__":
            found[path.stem] = files
    return found


def _room_of(module: str) -> str:
    first, _, rest = module.partition(".")
    return first if first == "schemas" else rest.partition(".")[0] if first == "flows" else ""


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def _direct(room: str, arrows: dict[str, set[str]]) -> set[str]:
    return arrows[room] - {below for to in arrows[room] for below in _below(to, arrows)}


def _below(room: str, arrows: dict[str, set[str]]) -> set[str]:
    return arrows[room] | {below for to in arrows[room] for below in _below(to, arrows)}


def views() -> str:
    """Every view that people query, with what each column holds, from the store's own comments."""
    with in_memory() as store:  # nobody's: without the views of any catalogue's areas
        names = store.rows(
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY 1"
        )
        columns = store.rows(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index"
        )
    told = []
    for view, about in names:
        held = [(f"`{column}`", kind, words or "") for of, column, kind, words in columns if of == view]
        told.append(f"## {view}\n\n{about}\n\n{_table(('column', 'type', 'holds'), held)}")
    return "\n\n".join(told)


def findings() -> Iterator[tuple[str, ...]]:
    """Every kind of finding; {names} stand for a finding's own values."""
    return ((f"`{kind.code}`", kind.grade, kind.problem, kind.mend) for kind in KINDS.values())


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *([each.replace("|", "\\|") for each in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("README.md", "commands"): lambda: _table(("command", "says of itself", "options"), commands(cli, "cunhui")),
    (".github/CONTRIBUTING.md", "rooms"): rooms,
    (".github/VIEWS.md", "views"): views,
    (".github/FINDINGS.md", "findings"): lambda: _table(
        ("code", "grade", "what is wrong", "how to mend it"), findings()
    ),
}
"""What makes the part that stands between the markers, by document and name."""

if __name__ == "__main__":
    for (document, name), part in PARTS.items():
        (ROOT / document).write_text(with_part(document, name, part()), encoding="utf-8")
        sys.stdout.write(f"{document}: {name}\n")
