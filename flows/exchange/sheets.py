"""The sheets of a catalogue's workbook: one a kind, a column for every key of its record, with head, help and choices.

Columns follow from schemas/records.py; sheets.toml says only what they are called and in what order they stand.
"""

import re
import types
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

from flows.exchange.written import KEY, WITHIN
from schemas.catalogue import HERE
from schemas.names import plain
from schemas.records import (
    Area,
    Column,
    CoverField,
    Indicator,
    ListHead,
    Office,
    Record,
    Relation,
    Target,
    Terrain,
    Text,
)
from schemas.toml import load

GUIDE = "说明"
"""The sheet that says how to use the others; nothing in it is read."""
NOTHING = "（无）"
"""What a column that must be filled in says where there is nothing, as the unit of a text."""
MARK = "*"
"""Behind the head of a column that must be filled in."""
_APART = "、，,；;\n"
_PART = re.compile(rf'"((?:[^"]|"")*)"|([^{_APART}]+)')


class _Unit(Record, frozen=True, kw_only=True):
    """A unit of measure that a township adds."""

    unit: str


_OF = {"areas": Area, "indicators": Indicator, "relations": Relation, "lists": ListHead, "columns": Column,
       "offices": Office, "targets": Target, "texts": Text, "fields": CoverField,
       "terrains": Terrain, "measures": _Unit}  # fmt: skip
_LOOKED_UP = {"area": ("areas", "name"), "office": ("offices", "suffix"), "list": ("lists", "code"),
              "terrain": ("terrains", "name"), (WITHIN, "columns"): ("lists", "code")}  # fmt: skip
"""Which sheet and key a column's dropdown offers."""


class _Told(Record, frozen=True, kw_only=True):
    sheet: str
    about: str
    heads: dict[str, list[str]]


class Field(NamedTuple):
    """One column: its key, head and help, the type that its record gives it, and the words for its values."""

    key: str
    head: str
    help: str
    type: Any
    required: bool
    words: dict[str, str]

    @property
    def kind(self) -> Any:
        """str, bool, int, Decimal, list or dict."""
        found = get_origin(self.type) or self.type
        if found in (Union, types.UnionType):
            found = next(one for one in get_args(self.type) if one is not types.NoneType)
            found = get_origin(found) or found
        return {tuple: list, Literal: str}.get(found, found)


class Sheet(NamedTuple):
    """One kind of rows and its sheet."""

    kind: str
    name: str
    about: str
    fields: tuple[Field, ...]

    def field(self, head: str) -> Field | None:
        """The column of that head or key, however it is spaced."""
        words = plain(head).rstrip(MARK)
        return next((one for one in self.fields if words in (plain(one.head), one.key)), None)

    @property
    def key(self) -> Field:
        """The column that tells its rows apart."""
        return next(one for one in self.fields if one.key == KEY[self.kind])

    def offers(self, field: Field) -> tuple[str, str] | None:
        """Which kind and key a dropdown of the column offers."""
        return _LOOKED_UP.get((field.key, self.kind)) or (None if field.words else _LOOKED_UP.get(field.key))


@cache
def sheets() -> tuple[Sheet, ...]:
    """Every sheet, in order."""
    told = _told()
    return tuple(_sheet(kind, record, told) for kind, record in _OF.items())


def _told() -> dict[str, Any]:
    found = load(HERE / "sheets.toml", dict[str, Any])
    return {key: body if key == "words" else msgspec.convert(body, _Told) for key, body in found.items()}


def _sheet(kind: str, record: Any, told: dict[str, Any]) -> Sheet:
    about: _Told = told[kind]
    fields = {field.name: field for field in msgspec.structs.fields(record)}
    order = [key for key in about.heads if key in fields or key == WITHIN]
    order += [key for key in fields if key not in order]
    made = []
    for key in order:
        head, help_ = about.heads.get(key, (key, ""))
        type_ = fields[key].type if key in fields else str
        required = fields[key].required if key in fields else True
        made.append(Field(key, head, help_, type_, required, _words(key, type_, told["words"])))
    return Sheet(kind, about.sheet, about.about, tuple(made))


def _words(key: str, type_: Any, said: dict[str, dict[str, str]]) -> dict[str, str]:
    """The value of a choice by the word that stands for it; the value itself where no word is declared."""
    if type_ is bool:
        return {word: value for value, word in said["yes"].items()}
    parts = (type_, *get_args(type_))
    values: tuple[str, ...] = next((get_args(part) for part in parts if get_origin(part) is Literal), ())
    return {said.get(key, {}).get(value, value): value for value in values if value}


def shown(value: Any, field: Field) -> str:
    """A value as its cell shows it."""
    if value is None:
        return ""
    if value == "" and field.required:
        return NOTHING
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, dict):
        return "、".join(_quoted(f"{key}={part}") for key, part in value.items())
    if isinstance(value, list | tuple):
        return "、".join(_quoted(part) for part in value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return next((word for word, meant in field.words.items() if meant == value), str(value))


def meant(text: str, field: Field) -> Any:
    """The value that a cell's text means; the text itself where it means none, for the loader to refuse."""
    text = text.replace("\r\n", "\n")
    if field.required and text in (NOTHING, "(无)"):
        return ""
    if field.words:
        value = field.words.get(text, text)
        return value == "true" if field.kind is bool and value in ("true", "false") else value
    if field.kind is list:
        return _parts(text)
    if field.kind is dict:
        pairs = [part.partition("=") for part in _parts(text.replace("＝", "="))]
        return {key.strip(): value.strip() for key, _, value in pairs} if all(sign for _, sign, _ in pairs) else text
    if field.kind in (int, Decimal):
        return _number(text)
    return text


STAND_IN = "？"
"""What stands for a text that is not there, while the rest is judged."""


def stand_in(field: Field) -> Any:
    """Something that will do in a column that must be filled in."""
    return next(iter(field.words.values()), "" if field.key == "unit" else STAND_IN) if field.kind is str else 0


def why_not(text: str, field: Field) -> tuple[str, str] | None:
    """What is wrong with a cell's text, and what may stand there; None where it will do."""
    if not text:
        return f"没有写{field.head}", f"没有的写{NOTHING}" if field.key == "unit" else ""
    value = meant(text, field)
    if field.words and value not in (True, False, *field.words.values()):
        return f"{field.head}写的是“{text[:20]}”", f"应为 {'、'.join(field.words)} 之一"
    if field.kind in (int, Decimal, dict) and not isinstance(value, (int, field.kind)):
        allowed = {int: "应为整数", Decimal: "应为数字", dict: "应为 栏目代码=内容，几个条件用、隔开"}
        return f"{field.head}写的是“{text[:20]}”", allowed[field.kind]
    return None


def _number(text: str) -> Any:
    found = re.fullmatch(r"[-+]?\d{1,30}(\.\d{1,30})?", text)
    if not found:
        return text
    return Decimal(text) if found[1] and Decimal(text) % 1 else int(Decimal(text))


def _parts(text: str) -> list[str]:
    parts = (quoted.replace('""', '"') if quoted else plain_ for quoted, plain_ in _PART.findall(text))
    return [part.strip() for part in parts if part.strip()]


def _quoted(part: str) -> str:
    if part != part.strip() or any(mark in part for mark in _APART + '"'):
        return '"' + part.replace('"', '""') + '"'
    return part
