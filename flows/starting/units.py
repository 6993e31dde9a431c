"""From a roster as written to the lines of units.csv: kinds told apart, codes checked or made, offices' roles. Pure."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flows.starting.heads import COMMUNITY, VILLAGE, kind_in, kind_of_code, kind_of_name, short_name
from flows.starting.roster import Entry, Listed
from schemas.catalogue import Catalogue
from schemas.faults import Faults
from schemas.records import TOWNSHIP_ROLE
from schemas.roster import BETWEEN, OFFICE, PLACES, UNIT_COLUMNS

FIRST = {COMMUNITY: 1, VILLAGE: 200, OFFICE: 901}
"""The last three digits from which codes are made: 001-199 are 居委会, 200-399 村委会; offices have their own."""
LAST = {COMMUNITY: 199, VILLAGE: 399, OFFICE: 999}
_BODIES = ("", "人民政府", "政府", "办事处", "本级")
"""How a roster calls the township itself, after its name."""
_SUFFIX = re.compile("(工作)?(综合)?(办公室|服务中心|管理所|办|所|站|室|中心)$")


@dataclass
class Settled:
    """The lines of units.csv by column, what is to be said of them, and of which the roster does not say enough.

    `no_role` are offices by name with the code each would have; `no_kind` names that tell no kind.
    """

    units: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    no_role: dict[str, str] = field(default_factory=dict)
    no_kind: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


def settle(
    listed: Listed, code: str, township: str, catalogue: Catalogue, told: Mapping[str, str] | None = None
) -> Settled:
    """The roster's units under the township's code; `told` are kinds and roles by name that somebody has said."""
    found, told = Settled(), told or {}
    found.faults.lines += listed.faults.lines
    entries = list(_of_township(listed.entries, code, township, TOWNSHIP_ROLE in catalogue.offices, found))
    _refuse_foreign(entries, code, found)
    _refuse_twice(entries, found)
    kinds = [_kind(entry, told, found) for entry in entries]
    codes = _codes(entries, kinds, code, found)
    roles = _roles(entries, kinds, township, catalogue, told, found)
    shortened, strange = [], dict[str, list[str]]()
    for entry, kind, own, role in zip(entries, kinds, codes, roles, strict=True):
        name = short_name(entry.name)
        shortened += [f"{entry.name} 记作 {name}"] if name != entry.name else []
        if kind == OFFICE and not role:
            found.no_role[entry.name] = own
            continue
        if entry.terrain and not _terrain(entry, catalogue):
            strange.setdefault(entry.terrain, []).append(name)
        own_line = {"code": own, "name": name, "kind": kind, "terrain": _terrain(entry, catalogue), "role": role}
        found.units.append(entry._asdict() | own_line)
    known = "、".join(catalogue.terrains)
    for terrain, names in strange.items():
        found.notes.append(
            f"地形“{terrain}”没有写入（{'、'.join(names)}）：{f'目录里是 {known}' if known else '目录里没有地形'}。"
        )
    found.notes += [f"名称照习惯写短：{'；'.join(shortened)}。"] if shortened else []
    found.notes += [f"没有当作单位：{'；'.join(listed.skipped)}。"] if listed.skipped else []
    if not found.faults.lines and not found.no_kind and not any(kind != OFFICE for kind in kinds):
        found.faults.add(entries[0].place if entries else "名册", 0, "一个村（社区）也没有", "应列出各村、社区")
    return found


def as_csv(units: Sequence[Mapping[str, str]]) -> bytes:
    """The file units.csv, in UTF-8 as spreadsheet programs know it."""
    text = io.StringIO()
    above = (column for column in PLACES if any(unit.get(column) for unit in units))
    columns = (*UNIT_COLUMNS[:4], "role", *UNIT_COLUMNS[4:], *above)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *([unit[column] for column in columns] for unit in units)])
    return text.getvalue().encode("utf-8-sig")


def _of_township(entries: Sequence[Entry], code: str, township: str, asked: bool, found: Settled) -> Iterator[Entry]:
    """The entries with tidy codes; the township's own line is one of its units where something is asked of it."""
    made = []
    for entry in entries:
        written = re.sub(r"\s+", "", unicodedata.normalize("NFKC", entry.code)).lstrip("'")
        own = entry.name in (f"{township}{body}" for body in _BODIES) or written in (code, f"{code}000")
        if own and asked:
            yield entry._replace(code=f"{code}000", kind=TOWNSHIP_ROLE)
            continue
        if own:
            found.notes.append(f"第 {entry.row} 行“{entry.name}”是本乡镇自己，没有写入名册。")
            continue
        if re.fullmatch("[0-9]{1,3}", written) and int(written):
            made.append(f"{entry.name} {code}{written:0>3}")
            written = f"{code}{written:0>3}"
        yield entry._replace(code=written)
    if made:
        found.notes.append(f"名册里的短代码前面补上了 {code}：{'、'.join(made[:3])}{'……' if len(made) > 3 else ''}。")


def _refuse_foreign(entries: Sequence[Entry], code: str, found: Settled) -> None:
    """Codes that are no unit's of this township; where all are another's, the township's own is doubted once."""
    right = re.compile("[0-9]{12}")
    others = Counter(entry.code[:9] for entry in entries if right.fullmatch(entry.code))
    if code not in others and len(others) == 1 and (other := next(iter(others))):
        place = entries[0].place
        found.faults.add(place, 0, f"代码都以 {other} 开头，本乡镇的代码写的是 {code}", "请核对哪一个写错了")
        return
    for entry in (entry for entry in entries if entry.code):
        if not right.fullmatch(entry.code):
            mangled = "表格软件把它改成了科学计数，请先把这一列设为文本再填；" if "E+" in entry.code.upper() else ""
            allowed = f"{mangled}应为 12 位数字，或空着由程序编"
            found.faults.add(entry.place, entry.row, f"{entry.name}的代码写的是“{entry.code}”", allowed)
        elif not entry.code.startswith(code):
            found.faults.add(
                entry.place, entry.row, f"{entry.name}的代码 {entry.code} 是别的乡镇的", f"应以 {code} 开头"
            )


def _refuse_twice(entries: Sequence[Entry], found: Settled) -> None:
    first: dict[str, Entry] = {}
    for entry in entries:
        for words, kind in ((entry.code, "代码"), (entry.name, "名称")):
            before = first.setdefault(f"{kind} {words}", entry) if words else entry
            if before is not entry and not (kind == "名称" and entry.code and entry.valid_from != before.valid_from):
                found.faults.add(entry.place, entry.row, f"{kind} {words} 重复", f"第 {before.row} 行已经用过")


def _kind(entry: Entry, told: Mapping[str, str], found: Settled) -> str:
    """The unit's kind: as somebody said, as its column, its name, its heading or its code tells."""
    if entry.kind == TOWNSHIP_ROLE:
        return TOWNSHIP_ROLE
    kind = (
        kind_in(told.get(entry.name, "")) or kind_in(entry.kind) or kind_of_name(entry.name)
        or entry.hint or kind_of_code(entry.code)
    )  # fmt: skip
    if not kind:
        found.no_kind.append(entry.name)
    return kind


def _codes(entries: Sequence[Entry], kinds: Sequence[str], code: str, found: Settled) -> list[str]:
    """A code for each: its own, or the next that is free for its kind."""
    used = {entry.code for entry in entries}
    codes, made = [], []
    for entry, kind in zip(entries, kinds, strict=True):
        own = entry.code
        if not own and kind:
            free = (f"{code}{last:03d}" for last in range(FIRST[kind] + (kind == VILLAGE), LAST[kind] + 1))
            own = next((one for one in free if one not in used), "")
            used.add(own)
            made.append(f"{entry.name} {own}")
            if not own:
                found.faults.add(entry.place, entry.row, f"{entry.name}没有代码可编", "这一类单位太多，请自己写代码")
        codes.append(own)
    if made:
        found.notes.append(
            f"名册里没有代码的 {len(made)} 个单位，代码由程序编（社区 001 起，村 201 起，站所 901 起）："
            f"{'、'.join(made)}。有正式代码的，开始收表前改 units.csv。"
        )
    return codes


def _terrain(entry: Entry, catalogue: Catalogue) -> str:
    """The terrain as the catalogue names it; '' for another."""
    near = [name for name in catalogue.terrains if entry.terrain and name.startswith(entry.terrain)]
    return near[0] if len(near) == 1 else ""


def _roles(
    entries: Sequence[Entry], kinds: Sequence[str], township: str, catalogue: Catalogue, told: Mapping[str, str],
    found: Settled,
) -> list[str]:  # fmt: skip
    """What each office reports, as its column, its code or somebody says, or its name clearly tells."""
    written: list[tuple[str, ...]] = []
    for entry, kind in zip(entries, kinds, strict=True):
        words = told.get(entry.name, "") or entry.role
        own = tuple(dict.fromkeys(filter(None, (role_in(word, catalogue) for word in parts(words)))))
        suffix = entry.code[9:]
        written.append((own or ((suffix,) if suffix in catalogue.offices else ())) if kind == OFFICE else ())
    taken = {role for roles in written for role in roles}
    guesses = {
        number: role
        for number, (entry, kind) in enumerate(zip(entries, kinds, strict=True))
        if kind == OFFICE and not written[number] and entry.name not in told
        and (role := role_in(_own_name(entry.name, township), catalogue)) and role not in taken
    }  # fmt: skip
    times = Counter(guesses.values())
    guesses = {number: role for number, role in guesses.items() if times[role] == 1}
    if guesses:
        said = "、".join(
            f"{entries[number].name} 报 {catalogue.offices[role].name}" for number, role in guesses.items()
        )
        found.notes.append(f"按名称认定的职责，请核对：{said}。不对的改 units.csv 的 role。")
    return [BETWEEN.join(roles) or guesses.get(number, "") for number, roles in enumerate(written)]


def _own_name(name: str, township: str) -> str:
    """An office's name without the township's before it."""
    return name.removeprefix(township).removeprefix(township[-1:])


def parts(words: str) -> list[str]:
    """The roles that a cell names, one by one."""
    return [part for part in re.split(r"[、，,；;/\s]+", words) if part]


def role_in(word: str, catalogue: Catalogue) -> str:
    """The role that a word clearly names: its key, its office's name, or that shortened as people do; '' if none."""
    near = [word] if word in catalogue.offices else _near(word, catalogue)
    return near[0] if len(near) == 1 else ""


def _near(name: str, catalogue: Catalogue) -> list[str]:
    stem = _stem(name)
    same = [key for key, office in catalogue.offices.items() if _stem(office.name) == stem]
    if same or len(stem) < 2:
        return same
    return [key for key, office in catalogue.offices.items() if _shortens(stem, office.name)]


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name) or name


def _shortens(short: str, full: str) -> bool:
    """Whether the characters of the one stand in the other in this order, from its first: 经发 in 经济发展."""
    rest = iter(full)
    return full[:1] == short[0] and all(letter in rest for letter in short)
