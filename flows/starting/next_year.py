"""The year after: its folder with nothing received, and the settings moved on with every comment kept."""

import calendar
import shutil
from collections.abc import Iterator, MutableMapping
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit

from flows.files import write_atomically
from flows.starting.folder import make_year
from schemas.catalogue import Catalogue

SETTINGS, GIVEN = "township.toml", "report"


def moved_on(text: str, year: int) -> tuple[str, list[str]]:
    """The settings' text with that year and its dates a year later; and what was changed, as `key before → after`.

    What the report was given for a year stays that year's.
    """
    document = tomlkit.parse(text)
    told = []
    for table, key, value in _values({name: part for name, part in document.items() if name != GIVEN}):
        now = year if (key, table) == ("year", document["collection"]) else _year_later(value)
        if now is not None and now != value:
            told.append(f"{key} {value} → {now}")
            table[key] = now
    return tomlkit.dumps(document), told


def begin_year(inputs: Path, year: int, township: str, village: str, catalogue: Catalogue) -> list[Path]:
    """Make the year's folder whole; of one that is there already, what it lacks. Gives what was made."""
    making, place = inputs / f".{year}.new", inputs / str(year)
    shutil.rmtree(making, ignore_errors=True)
    make_year(making, year, township, village, catalogue)
    if not place.exists():
        making.rename(place)
        return sorted(place.iterdir())
    lacking = [path for path in sorted(making.iterdir()) if not (place / path.name).exists()]
    made = [path.rename(place / path.name) for path in lacking]
    shutil.rmtree(making)
    return made


def move_settings(inputs: Path, year: int) -> list[str]:
    """Write township.toml for that year; its byte order mark and line ends stay. Gives what was changed."""
    path = inputs / SETTINGS
    data = path.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text, told = moved_on(data.decode("utf-8-sig"), year)
    write_atomically(path, mark + text.encode("utf-8"))
    return told


def _values(table: MutableMapping[str, Any]) -> Iterator[tuple[MutableMapping[str, Any], str, Any]]:
    """Every value below, with the table it stands in and its key."""
    for key, value in list(table.items()):
        if isinstance(value, MutableMapping) and "source" in value:
            continue  # a figure given by hand says when that was
        if isinstance(value, MutableMapping):
            yield from _values(value)
        else:
            yield table, key, value


def _year_later(value: Any) -> date | None:
    """The same day a year later, the last of February for the 29th; None for what is no date."""
    if not isinstance(value, date):
        return None
    last = calendar.monthrange(value.year + 1, value.month)[1]
    return value.replace(year=value.year + 1, day=min(value.day, last))
