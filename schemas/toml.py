"""TOML files written by people: read strictly, and complained about in one Chinese line."""

import difflib
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec

from schemas.errors import InputError


def read_toml(path: Path) -> dict[str, Any]:
    """Parse one TOML file; numbers with a point stay exact. Raises InputError naming the line at fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"找不到文件：{path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} 读不出来（须为 UTF-8 文本）：{error}") from None
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} 写法有误：{error}") from None


def convert(data: Any, into: Any, source: object) -> Any:
    """Parsed TOML into typed frozen records. Raises InputError naming an unknown key and the nearest right one."""
    for place, key, allowed in _unknown_keys(data, into, ""):
        nearest = difflib.get_close_matches(key, allowed, n=1, cutoff=0.0)
        raise InputError(f"{source}：{place}有不认识的键 {key}，是不是想写 {nearest[0]}？")
    try:
        return msgspec.convert(data, into, strict=True)
    except msgspec.ValidationError as error:
        raise InputError(f"{source}：内容不合要求：{error}") from None


def load(path: Path, into: Any) -> Any:
    """Read and type one TOML file."""
    return convert(read_toml(path), into, path)


def _unknown_keys(data: Any, into: Any, place: str) -> Iterator[tuple[str, str, list[str]]]:
    origin, arguments = get_origin(into), get_args(into)
    if isinstance(into, type) and issubclass(into, msgspec.Struct) and isinstance(data, dict):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(into)}
        for key, value in data.items():
            if key not in fields:
                yield f"[{place}] 里" if place else "", key, list(fields)
            else:
                yield from _unknown_keys(value, fields[key], f"{place}.{key}".strip("."))
    elif origin is dict and isinstance(data, dict):
        for key, value in data.items():
            yield from _unknown_keys(value, arguments[1], f"{place}.{key}".strip("."))
    elif origin in (list, tuple) and isinstance(data, list):
        for value in data:
            yield from _unknown_keys(value, arguments[0], place)
