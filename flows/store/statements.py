"""SQL kept as SQL: what a module asks stands in the .sql file beside it, each statement under a `-- name:` line."""

import re
from pathlib import Path


def sql_statements(path: Path) -> list[tuple[str, str]]:
    """The statements of a .sql file as (name, text), split at its `-- name:` lines."""
    parts = re.split(r"^-- name: (\w+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(name, text.strip()) for name, text in zip(parts[1::2], parts[2::2], strict=True)]


def sql_beside(module: str) -> dict[str, str]:
    """The statements of the .sql file beside a module (its `__file__`), by name."""
    return dict(sql_statements(Path(module).with_suffix(".sql")))
