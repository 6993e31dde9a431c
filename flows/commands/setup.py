"""`cunhui setup`: a township's own folder from its name, its code and its roster."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from flows.commands.screen import asks
from flows.exchange.put import prepare
from flows.exchange.take import take_back
from flows.reading.tables import read_tables
from flows.starting.folder import INPUTS, OUTPUTS, make_folder, refuse_filled
from flows.starting.roster import Listed, list_units
from flows.starting.units import Settled, parts, role_in, settle
from flows.values.characters import printable
from schemas.catalogue import Catalogue, declared
from schemas.errors import InputError
from schemas.faults import Faults
from schemas.levels import between, collects_packages, level_of, packages_in_words, parts_word
from schemas.outputs import TEMPLATE
from schemas.records import TOWNSHIP_ROLE
from schemas.roster import OFFICE, PLACES, ROSTER, UNIT_COLUMNS, UNIT_KINDS, unheld
from schemas.roster_file import load_units
from schemas.township import FIRST_YEAR, LAST_YEAR

Check = Callable[[str], str]
"""Says why an answer will not do; '' where it will."""


def set_up(
    folder: str, name: str | None, code: str | None, year: int | None, units: str | None, book: str | None
) -> int:
    """Make the folder; ask for what is missing on a terminal. Raises InputError with every fault at once."""
    place = Path(folder)
    refuse_filled(place)
    with TemporaryDirectory(prefix="cunhui-") as room:
        return _set_up(place, name, code, year, units, Path(book) if book else None, Path(room))


def _set_up(
    place: Path, name: str | None, code: str | None, year: int | None, units: str | None, book: Path | None, room: Path
) -> int:
    """The same, with a folder where the workbook's catalogue is made."""
    given = {"name": name, "code": code, "year": None if year is None else str(year), "units": units}
    name, code, written_year, units = _complete(given)
    faults = Faults()
    own = faults.collect(_own, book, room) if book else None
    catalogue = Catalogue(own) if own else declared()
    for key, answer in (("name", name), ("code", code), ("year", written_year)):
        if why := _CHECKS[key](answer):
            faults.lines.append(f"--{key} {why}")
    if collects_packages(code.strip()):
        faults.refuse()
        settled = _of_packages(Path(units), code.strip(), catalogue, room)
        return _made(place, name.strip(), code.strip(), int(written_year), settled, catalogue, own)
    listed = faults.collect(_listed, Path(units))
    if listed is None or _wrong_code(code):
        faults.lines += listed.faults.lines if listed else []
        faults.refuse()
    assert listed is not None
    settled = _settled(listed, code.strip(), name.strip(), catalogue)
    faults.lines += settled.faults.lines
    faults.lines += [f"{each}看不出是村、社区还是站所：请在名册里加一栏 类型" for each in settled.no_kind]
    faults.refuse()
    return _made(place, name.strip(), code.strip(), int(written_year), settled, catalogue, own)


def _made(
    place: Path, name: str, code: str, year: int, settled: Settled, catalogue: Catalogue, own: Path | None
) -> int:
    """Make the folder and say so."""
    make_folder(place, code, name, year, settled.units, catalogue, own)
    for line in _told(place, settled, code, year, catalogue):
        print(printable(line))
    return 0


def _of_packages(path: Path, code: str, catalogue: Catalogue, room: Path) -> Settled:
    """The units of a county or a place above, of the roster that `cunhui package roster` wrote.

    Raises InputError with every fault of it.
    """
    roster = room / ROSTER
    roster.write_bytes(path.read_bytes())
    try:
        units = load_units(room, code, catalogue)
    except InputError as error:
        lines = [line.replace(str(roster), str(path)) for line in error.lines]
        raise InputError(
            *lines, "收报送包的，名册由各报送包合成：cunhui package roster 甲镇.zip 乙镇.zip（乡镇的代码写 9 位）"
        ) from None
    columns = ("code", *UNIT_COLUMNS[2:], "role", *PLACES)
    return Settled(
        [{"name": unit.own_name} | {key: str(getattr(unit, key) or "") for key in columns} for unit in units]
    )


def _own(book: Path, room: Path) -> Path:
    """The folder of a catalogue: the one given, or a workbook's made in that room. Raises InputError."""
    if book.is_dir():
        return Catalogue(book).root
    return prepare(room, take_back(book, read_tables(book)), book, declared())


def _listed(path: Path) -> Listed:
    return list_units(path, read_tables(path))


def _wrong_name(name: str) -> str:
    return "" if name.strip() else "没有写：应为乡镇名称，如 青湖镇"


def _wrong_code(code: str) -> str:
    right = re.fullmatch(r"[0-9]{9}", code.strip()) or collects_packages(code.strip())
    return "" if right else f"写的是“{code}”：应为统计用区划代码的前 9 位数字（收报送包的{packages_in_words()}）"


def _wrong_year(year: str) -> str:
    right = re.fullmatch(r"[0-9]{4}", year.strip()) and FIRST_YEAR <= int(year) <= LAST_YEAR
    return "" if right else f"写的是“{year}”：应为 {FIRST_YEAR} 到 {LAST_YEAR} 之间的年份"


def _wrong_file(path: str) -> str:
    return "" if Path(path.strip()).is_file() else f"找不到文件：{path}"


_CHECKS: dict[str, Check] = {"name": _wrong_name, "code": _wrong_code, "year": _wrong_year, "units": _wrong_file}
_QUESTIONS = {
    "name": "乡镇的名称（如 青湖镇）",
    "code": "统计用区划代码的前 9 位",
    "year": "收哪一年的数",
    "units": "名册文件（本乡镇自己的 Excel 或 CSV，有村名一栏即可）",
}


def _complete(given: dict[str, str | None]) -> list[str]:
    """The answers, missing ones asked for. Raises InputError where there is nobody to ask."""
    missing = [key for key, value in given.items() if value is None]
    if missing and not asks():
        options = "、".join(f"--{key}（{_QUESTIONS[key].partition('（')[0]}）" for key in missing)
        raise InputError(f"缺少 {options}")
    before = date.today().year - (date.today().month < 7)  # until summer people still collect the year before
    default = {"year": str(before)}
    return [
        _ask(_QUESTIONS[key], _CHECKS[key], default.get(key)) if value is None else value
        for key, value in given.items()
    ]


def _ask(question: str, wrong: Check, default: str | None = None) -> str:
    """One question, until its answer will do."""
    while True:
        answer = click.prompt(printable(question), default=default, prompt_suffix="：").strip().strip("\"'")
        why = wrong(answer)
        if not why:
            return answer
        print(printable(f"  {why}"))


def _settled(listed: Listed, code: str, name: str, catalogue: Catalogue) -> Settled:
    """The units; on a terminal, kinds and roles that the roster does not tell are asked for, one by one."""
    found = settle(listed, code, name, catalogue)
    if found.faults.lines or not asks():
        return found
    told = {each: _ask(f"{each}是 {'、'.join(UNIT_KINDS)} 中的哪一种", _wrong_kind) for each in found.no_kind}
    found = settle(listed, code, name, catalogue, told) if told else found
    if found.no_role and catalogue.offices:
        print(printable("站所报哪些数，要看职责：" + "；".join(f"{k} {v.name}" for k, v in catalogue.offices.items())))
    for each in found.no_role:
        told[each] = _ask(
            f"{each}承担哪几项（写代号，几项用、隔开；不报的直接回车）", lambda said: _wrong_roles(said, catalogue), ""
        )
    return settle(listed, code, name, catalogue, told) if told else found


def _wrong_kind(said: str) -> str:
    return "" if said in UNIT_KINDS else f"应为 {'、'.join(UNIT_KINDS)} 之一"


def _wrong_roles(said: str, catalogue: Catalogue) -> str:
    unknown = [part for part in parts(said) if not role_in(part, catalogue)]
    return f"没有“{unknown[0]}”这一项，应为 {'、'.join(catalogue.offices)}" if unknown else ""


def _told(folder: Path, settled: Settled, code: str, year: int, catalogue: Catalogue) -> list[str]:
    """What was made, what was taken for what, and what is left to be filled."""
    inputs = folder / INPUTS
    kinds = [unit["kind"] for unit in settled.units]
    counts = "、".join(f"{kind} {kinds.count(kind)} 个" for kind in (*UNIT_KINDS, TOWNSHIP_ROLE) if kind in kinds)
    lines = [f"已建好 {folder}：{year} 年，名册 {counts}（{inputs / ROSTER}）。", *settled.notes]
    for each, made in settled.no_role.items():
        lines.append(
            f"没有写进名册：{each}，看不出它报哪些数。要报的，在 {ROSTER} 里加一行 {made},{each},{OFFICE},,职责"
        )
    if settled.no_role:
        known = "、".join(f"{role} {office.name}" for role, office in catalogue.offices.items())
        lines.append(f"上面的“职责”写：{known or '目录里没有站所报的数，不用加'}。")
    lines += unheld(catalogue, load_units(inputs, code, catalogue), year)
    lines += [
        "还要您填的：",
        f"  {inputs / 'township.toml'}：报送期限 deadline 现为 {year + 1}-01-10 18:00，其余各项旁边有说明。",
        f"  指标：现用{'内置' if catalogue is declared() else '所给'}目录 {len(catalogue.indicators)} 项；"
        "要改的用 cunhui catalogue export 导出成 Excel，改好后用 import 导入。",
        f"  年度工作总结：要出的，用 cunhui report bind 把往年的报告变成模板，存为 {inputs / TEMPLATE}。",
    ]
    if catalogue.targets:
        lines.append(f"  下年目标：定了以后写进 {inputs / str(year) / 'targets.toml'}。")
    where = "" if folder.resolve() == Path.cwd() else f" --inputs {inputs} --outputs {folder / OUTPUTS}"
    if collects_packages(code):
        inbox, below = inputs / str(year) / "submissions", list(between(level_of(code)))[-1]
        lines.append(f"下一步：{parts_word(below)}的报送包放进 {inbox}，再运行 cunhui run{where}。")
    else:
        lines.append(f"下一步：cunhui forms{where} 生成空白报表。")
    return lines
