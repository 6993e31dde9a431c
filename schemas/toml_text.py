"""TOML written by the program: one key a line, so that it is known on which line each stands."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

Keys = tuple[str, ...]
_BARE = re.compile("[A-Za-z0-9_-]+")
_DELETE = "\x7f"
"""A character that JSON writes as it is and TOML refuses."""


def toml_text(document: Mapping[str, Any]) -> tuple[str, dict[int, Keys]]:
    """The text, and by line, from 1, the keys of the table or value that stands there."""
    lines = list(_lines(document, ()))
    places = {number: keys for number, (_, keys) in enumerate(lines, start=1) if keys}
    return "".join(f"{text}\n" for text, _ in lines), places


def key_text(key: str) -> str:
    """A key, quoted where it must be."""
    return key if _BARE.fullmatch(key) else _string(key)


def value_text(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_text(key)} = {value_text(part)}" for key, part in value.items()) + " }"
    return "[" + ", ".join(map(value_text, value)) + "]"


def _lines(table: Mapping[str, Any], at: Keys) -> Iterator[tuple[str, Keys]]:
    for key, value in table.items():
        if not _is_table(value):
            yield f"{key_text(key)} = {value_text(value)}", (*at, key)
    for key, value in table.items():
        if _is_table(value):
            keys = (*at, key)
            if not value or any(not _is_table(part) for part in value.values()):
                yield "", ()
                yield f"[{'.'.join(map(key_text, keys))}]", keys
            yield from _lines(value, keys)


class Table(dict):
    """A table that is written under its own head; any other mapping stands on one line."""


def _is_table(value: Any) -> bool:
    return isinstance(value, Table)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")
