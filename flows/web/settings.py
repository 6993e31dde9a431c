"""What is typed on the page into the clerk's own files, under the guards that the files have: checked whole, then put.

A text is laid over a copy of the inputs and read by the same loader as every command reads them with.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array

from flows.files import write_atomically
from flows.template.supplements import path_of, write_supplements
from schemas.catalogue import OWN
from schemas.corrections import FILE as CORRECTIONS
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.outputs import SUPPLEMENTS
from schemas.roster import ROSTER
from schemas.supplements import NUMBER, Supplement
from schemas.toml import read_toml

TITLES = {"township": "设置", "units": "单位名册", "corrections": "更正"}
"""What may be edited as a text, by the word for it in an address."""
_ASKED = {
    "expect": "现在的数",
    "value": "改成",
    "waiver = true": "不改数",
    "reason": "为什么",
    "agreed_with": "和谁商定",
    "row": "第几行",
}
"""What the page calls the keys of a correction."""
_KEYS = re.compile(rf"({'|'.join(_ASKED)})(?![a-z_]) ?")


def edited(year: int) -> dict[str, str]:
    """The files that may be edited as a text, within the inputs; a year without corrections may have no such file."""
    return {"township": "township.toml", "units": ROSTER, "corrections": f"{year}/{CORRECTIONS}"}


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def read(inputs: Path, name: str) -> tuple[str, str]:
    """The text of one of the files, and its mark, which changes when the file does."""
    data = _bytes(inputs / name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    return text.replace("\r\n", "\n"), hashlib.sha256(data).hexdigest()


def faults(inputs: Path, year: int | None, name: str, data: bytes) -> list[str]:
    """What would be wrong with all inputs if that file (its path within them) were these bytes."""
    with _copy(inputs) as tried:
        (tried / name).parent.mkdir(parents=True, exist_ok=True)
        (tried / name).write_bytes(data)
        try:
            load_inputs(tried, year)
        except InputError as error:
            return [line.replace(f"{tried}/", "").replace(str(tried), "inputs") for line in error.lines]
    return []


def save(inputs: Path, year: int | None, name: str, text: str, mark: str) -> str:
    """Put the text in place of the file, and the earlier one beside it; the new mark.

    Raises InputError with every fault, and where the file has changed since it was read.
    """
    path = inputs / name
    before = _bytes(path)
    if hashlib.sha256(before).hexdigest() != mark:
        raise InputError(f"{path.name} 在别处改过了：请重新打开这一页再改")
    data = encoded(name, text, before)
    if wrong := faults(inputs, year, name, data):
        raise InputError(*wrong)
    write_atomically(path.with_name(f"{path.name}.旧"), before)
    write_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def encoded(name: str, text: str, before: bytes = b"") -> bytes:
    """The text as the file has it: with the ends of its lines, a roster with the mark that spreadsheets look for."""
    lines = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    ends = lines.replace("\n", "\r\n") if b"\r\n" in before else lines
    return ends.encode("utf-8-sig" if name == ROSTER else "utf-8")


def add_correction(inputs: Path, year: int, said: Mapping[str, str]) -> None:
    """Write one more correction into the year's file; all else stays. Raises InputError for what the file refuses."""
    path = inputs / str(year) / CORRECTIONS
    if path.exists():
        read_toml(path)  # what is broken in it is said with its line
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    # tomlkit puts a further table straight behind the last line, also where that line has no end
    document = tomlkit.parse(text if text.endswith("\n") or not text else f"{text}\n")
    entries = document.setdefault("corrections", tomlkit.aot())
    if not isinstance(entries, AoT | Array):
        raise InputError(*faults(inputs, year, f"{year}/{CORRECTIONS}", text.encode()))
    entries.append(dict(_entry(said)))
    data = tomlkit.dumps(document).encode()
    if wrong := faults(inputs, year, f"{year}/{CORRECTIONS}", data):
        raise InputError(*(_as_asked(line, len(entries)) for line in wrong))
    write_atomically(path, data)


def _as_asked(fault: str, place: int) -> str:
    """What is wrong with the correction that was just typed, in the words of the page; of others, as of their file."""
    _, its_own, said = fault.partition(f"第 {place} 条：")
    return _KEYS.sub(lambda key: f"“{_ASKED[key[1]]}”", said) if its_own else fault


def figures(inputs: Path, year: int | None) -> list[Supplement]:
    """The report's own figures that are typed by hand; none while the inputs are at fault."""
    try:
        own = load_inputs(inputs, year).own
    except InputError:
        return []
    return [each for each in own.figures.values() if not each.place.startswith("township.toml")]


def give_figure(inputs: Path, year: int, said: Mapping[str, str]) -> None:
    """Write one of the report's own figures into the year's workbook, as `cunhui report figures` writes it.

    Raises InputError for a figure that no report asks for, for what is no number, and for what the file refuses.
    """
    typed = {each.name: each for each in figures(inputs, year)}
    name, number = said.get("figure", "").strip(), said.get("value", "").strip()
    if name not in typed:
        raise InputError(f"没有叫“{name[-40:]}”的补充数")
    if not NUMBER.fullmatch(number):
        raise InputError(f"“{name}”写的是“{number[-40:]}”，应为数字，单位不写在这里")
    given = {"source": said.get("source", "").strip(), "by": said.get("by", "").strip(), "on": _day(said.get("on", ""))}
    typed[name] = replace(typed[name], value=Decimal(number), **given)
    if typed[name].lacks:
        raise InputError(f"“{name}”还缺{typed[name].lacks}")
    with tempfile.TemporaryDirectory() as folder:
        data = write_supplements(Path(folder) / SUPPLEMENTS, list(typed.values())).read_bytes()
    if wrong := faults(inputs, year, f"{year}/{SUPPLEMENTS}", data):
        raise InputError(*wrong)
    path = path_of(inputs, year)
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, data)


def _entry(said: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """A correction's keys, each only where something was typed."""
    yield "unit", said.get("unit", "").strip()
    yield "indicator", said.get("indicator", "").strip()
    if row := said.get("row", "").strip():
        if not re.fullmatch("[0-9]{1,9}", row):
            raise InputError(f"第几行写的是“{row[-40:]}”，应为整数")
        yield "row", int(row)
    yield "expect", _figure(said.get("expect", ""))
    if said.get("waiver"):
        yield "waiver", True
    else:
        yield "value", _figure(said.get("value", ""))
    yield "reason", said.get("reason", "").strip()
    yield "agreed_with", said.get("agreed_with", "").strip()
    if not said.get("date", "").strip():
        raise InputError("哪天商定的没有写，应为 2024-01-05 的样子")
    yield "date", date.fromisoformat(_day(said["date"]))


def _day(text: str) -> str:
    """A day as the browser writes it. Raises InputError for anything else."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise InputError(f"日期写的是“{text[-40:]}”，应为 2024-01-05 的样子") from None


def _figure(text: str) -> Any:
    """A number as it was typed, digit for digit; anything else as words."""
    text = text.strip()
    try:
        number = tomlkit.value(text)
    except ValueError:
        return text
    return number if isinstance(number, int | float) and not isinstance(number, bool) else text


@contextmanager
def _copy(inputs: Path) -> Iterator[Path]:
    """The small files of the inputs, without what came in."""
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / "inputs"
        tried.mkdir()
        for pattern in ("*.toml", "*.csv", "*/*.toml"):
            for path in inputs.glob(pattern):
                (tried / path.relative_to(inputs)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, tried / path.relative_to(inputs))
        if (inputs / OWN).is_dir():
            shutil.copytree(inputs / OWN, tried / OWN, dirs_exist_ok=True)
        yield tried
