"""TOML files written by people: read strictly, every fault in Chinese with the line where it stands."""

import re
import tomllib
import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from schemas.errors import InputError
from schemas.faults import Fault, Faults, nearest, nearest_of
from schemas.toml_words import complaint

Keys = tuple[str | int, ...]
"""Where a value stands: the keys down to it, and the place within an array, from 0."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\n|[\[\]{}=,.]|[^\s\[\]{}=,."\'#]+',
    re.DOTALL,
)
_KINDS = {
    str: "应为文字，写在半角双引号里",
    bool: "应为 true 或 false",
    int: "应为整数，不加引号",
    Decimal: "应为数字，不加引号",
    datetime: "应为日期和时间，如 2024-01-10T18:00:00，不加引号",
    date: "应为日期，如 2024-01-05，不加引号",
    dict: "应为一节，如 [名称]",
    list: "应为方括号括起来的几项",
}


class Document(dict):
    """A parsed TOML file, which can say on which line a key stands."""

    def __init__(self, path: Path, text: str, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.path, self._text = path, text

    @cached_property
    def _lines(self) -> dict[Keys, int]:
        return dict(_key_lines(self._text))

    def line(self, keys: Keys) -> int:
        """The line of the key, or of the nearest one above it."""
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._lines.get(keys, 0)

    def fault(self, keys: Keys, found: str, allowed: str = "") -> str:
        """A fault at that key, in words."""
        return str(Fault(self.path, self.line(keys), found, allowed))


def read_toml(path: Path) -> Document:
    """Parse one TOML file; numbers with a point stay exact. Raises InputError naming the line at fault."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise InputError(f"找不到文件：{path}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(str(Fault(path, line, "有不是 UTF-8 编码的字", "请另存为 UTF-8 编码的文本"))) from None
    except OSError:
        raise InputError(f"{path} 读不出来：可能没有权限，或正被别的程序占用") from None
    try:
        return Document(path, text, tomllib.loads(text, parse_float=Decimal))
    except (ValueError, RecursionError) as error:
        line, found, allowed = complaint(error, text)
        raise InputError(str(Fault(path, line, f"写法有误：{found}", allowed))) from None


def convert(data: Any, into: Any, source: Document, at: Keys = ()) -> Any:
    """A part of a parsed file, read at those keys, into typed frozen records.

    Raises InputError with a line for every unknown key (and the nearest right one), missing key and wrong value.
    """
    try:
        return msgspec.convert(data, into, strict=True)
    except msgspec.ValidationError:
        found = Faults()
        found.lines += _faults(data, into, source, at)
        found.refuse()
        raise


def load(path: Path, into: Any) -> Any:
    """Read and type one TOML file."""
    data = read_toml(path)
    return convert(dict(data), into, data)


def _faults(data: Any, into: Any, source: Document, at: Keys) -> Iterator[str]:
    """Every fault of a value, down to the leaves."""
    origin, arguments = get_origin(into), get_args(into)
    if origin in (Union, types.UnionType):
        into = next(one for one in sorted(arguments, key=lambda one: _suits(data, one)) if one is not types.NoneType)
        yield from _faults(data, into, source, at)
    elif isinstance(into, type) and issubclass(into, msgspec.Struct):
        yield from _record_faults(data, into, source, at) if isinstance(data, dict) else _leaf(data, dict, source, at)
    elif origin is dict:
        parts = data.items() if isinstance(data, dict) else ()
        yield from () if isinstance(data, dict) else _leaf(data, dict, source, at)
        for key, value in parts:
            yield from _faults(value, arguments[1], source, (*at, key))
    elif origin in (list, tuple):
        parts = enumerate(data) if isinstance(data, list) else ()
        yield from () if isinstance(data, list) else _leaf(data, list, source, at)
        for number, value in parts:
            yield from _faults(value, arguments[0], source, (*at, number))
    else:
        yield from _leaf(data, into, source, at)


def _suits(data: Any, into: Any) -> tuple[bool, bool]:
    """Least, and so first, for a record where a section is written, and for several where several are."""
    record = isinstance(into, type) and issubclass(into, msgspec.Struct)
    return isinstance(data, dict) != record, isinstance(data, list) != (get_origin(into) in (list, tuple))


def _record_faults(data: dict[str, Any], into: type, source: Document, at: Keys) -> Iterator[str]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(into)}
    meant = {nearest_of(key, fields) for key in data if key not in fields}  # misspelt is not also missing
    for key, value in data.items():
        if key in fields:
            yield from _faults(value, fields[key].type, source, (*at, key))
        else:
            place = f"{_section(at)}里" if at else ""
            yield source.fault((*at, key), f"{place}有不认识的键 {key}", nearest(key, fields))
    for key in (key for key, field in fields.items() if field.required and key not in data and key not in meant):
        yield source.fault(at, f"{_section(at)}缺少 {key}", _words(fields[key].type, key))


def _leaf(value: Any, into: Any, source: Document, at: Keys) -> Iterator[str]:
    try:
        msgspec.convert(value, into, strict=True)
    except msgspec.ValidationError:
        key = next((str(key) for key in reversed(at) if isinstance(key, str)), "")
        yield source.fault(at, f"{key} 写的是 {_shown(value)}，内容不合要求", _words(into, key))


def _section(at: Keys) -> str:
    return f"[{'.'.join(str(key) for key in at if isinstance(key, str))}] " if at else ""


def _words(into: Any, key: str) -> str:
    """What a value may be; of a section, how it begins."""
    if get_origin(into) is Literal:
        return f"应为 {'、'.join(str(one) for one in get_args(into))} 之一"
    for one in (*get_args(into), into):
        kind = get_origin(one) or one
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return f"应为一节，以 [{key}] 开头"
        if words := _KINDS.get(list if kind is tuple else kind):
            return words if into is one or get_origin(into) in (Union, types.UnionType) else _KINDS[list]
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"“{value[:40]}”"
    if isinstance(value, bool):
        return str(value).lower()
    return "一节" if isinstance(value, dict) else "几项" if isinstance(value, list) else str(value)


def _key_lines(text: str) -> Iterator[tuple[Keys, int]]:
    """The line of every table and key of a text that is known to be right, and of every part of an array."""
    table: Keys = ()
    counts: dict[Keys, int] = {}
    for line, tokens in _statements(text):
        words = [word for _, word in tokens]
        if words[0] == "[":
            array = words[1] == "["
            keys = _keys(words[1 + array : words.index("]")], counts)
            if array:
                counts[keys] = counts.get(keys, -1) + 1
            table = (*keys, counts[keys]) if array else keys
            yield table, line
            yield keys, line
        else:
            end = words.index("=")
            at = (*table, *_keys(words[:end], {}))
            yield at, line
            yield from _part_lines(tokens[end + 1 :], at)


def _part_lines(tokens: list[tuple[int, str]], at: Keys) -> Iterator[tuple[Keys, int]]:
    """The lines of an array's parts, one level deep."""
    depth, number = 0, 0
    for line, word in tokens:
        if depth == 1 and word not in ("]", ","):
            yield (*at, number), line
        number += depth == 1 and word == ","
        depth += (word in "[{") - (word in "]}")


def _statements(text: str) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """The statements with the line each begins on, as tokens with theirs; comments left out."""
    line, depth = 1, 0
    tokens: list[tuple[int, str]] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word == "\n" and not depth and tokens:
            yield tokens[0][0], tokens
            tokens = []
        elif word != "\n" and not word.startswith("#"):
            tokens.append((line, word))
            depth += (word in "[{") - (word in "]}")
        line += word.count("\n")
    if tokens:
        yield tokens[0][0], tokens


def _keys(words: list[str], counts: dict[Keys, int]) -> Keys:
    """A dotted key; under an array of tables, with the place of the last one."""
    keys: Keys = ()
    for word in words:
        if word != ".":
            keys = (*keys, tomllib.loads(f"k = {word}")["k"] if word[0] in "\"'" else word)
            if word is not words[-1] and keys in counts:
                keys = (*keys, counts[keys])
    return keys
