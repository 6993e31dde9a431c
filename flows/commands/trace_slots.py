"""What `cunhui trace` may be asked for beyond a figure: a slot as the template has it, a target, a fixed text.

And what it adds to a figure: how it comes about, what the slot prints, last year's, the target, what rounding moved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.commands.screen import shown
from flows.emit.wording import source, totalling
from flows.store.figures import Book, Figure, Place
from flows.store.statements import sql_beside
from flows.template.filling import LAST, REACHED, Filled, Wish, target_of
from flows.template.slots import Meant, Part, meaning, parse, problem_of, resolve
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.outputs import SUPPLEMENTS
from schemas.records import Column, Indicator, Target, Text
from schemas.roster import Unit
from schemas.supplements import NOTHING, Own, Supplement
from schemas.targets import load_targets
from schemas.township import Settings

_SQL = sql_beside(__file__)

Records = Callable[[str], list[dict[str, Any]]]
"""Answers a query with one dict per row."""

_ROSTER = "SELECT name FROM units WHERE year = {year} AND expected AND kind <> '站所' ORDER BY code"


@dataclass(frozen=True)
class Asking:
    """Who asks about which year, with the clerk's files at hand."""

    inputs: Path
    year: int
    catalogue: Catalogue
    settings: Settings
    records: Records
    unit: Unit | None = None
    own: Own = NOTHING


def slot_asked(words: str, catalogue: Catalogue, own: Own = NOTHING) -> tuple[Part, Meant]:
    """A name, a code, `{{名称|同比}}` or its inside, and what it names. Raises InputError for anything else."""
    written = words.strip()
    parts = parse(written if written.startswith(("{", "｛")) else f"{{{{{written}}}}}")
    if len(parts) != 1 or parts[0].kind not in ("slot", "if"):
        raise InputError(f"“{words}”不是指标名称，也不是一个槽位")
    if problem := problem_of(parts[0], catalogue, own):
        raise InputError(problem)
    meant = meaning(parts[0].name, catalogue, own)
    if meant is None:
        raise InputError(f"“{words}”是一张图，请按图里的指标名称查")
    return parts[0], meant


def added(asking: Asking, part: Part, item: Indicator) -> dict[str, Any]:
    """What is to be said of a figure beyond its cells, as plain data."""
    target = target_of(item, asking.catalogue)
    book, rows = _book(asking, [item.code, *_worked_out_of(asking, part)])
    rows = [row for row in rows if row["indicator"] == item.code]
    only = f"AND a.unit_code = '{asking.unit.code}'" if asking.unit else ""
    whole = asking.settings.township.code
    rounded = _SQL["rounded"].format(year=asking.year, code=item.code, only=only, whole=whole)
    found: dict[str, Any] = {
        "reporter": source(asking.catalogue, item), "how": totalling(asking.catalogue, item),
        "last": _of(rows, asking.year - 1, whole, item) or _before(asking.own, item),
        "rounded": asking.records(rounded),
    }  # fmt: skip
    if asking.unit:
        found["here"] = _of(rows, asking.year, asking.unit.code, item)
    if Wish.of(part.modifiers) != Wish():
        found["slot"] = _said(part, resolve(part, book, asking.catalogue, asking.settings))
    if target and target.code in book.last_targets:
        planned, reached = shown(book.last_targets[target.code]), _reached(item.code, book, asking)
        found["target"] = {"name": target.name, "planned": planned, "unit": target.unit, "reached": reached}
    if item.total == "units":
        found["roster"] = [row["name"] for row in asking.records(_ROSTER.format(year=asking.year))]
    return found


def traced_words(asking: Asking, part: Part, meant: Target | Text | Supplement | str) -> dict[str, Any]:
    """A target, a text, a figure given by hand or a word of the year, and the file that holds it, as plain data."""
    actual = [meant.actual] if isinstance(meant, Target) and meant.actual else []
    book, _ = _book(asking, [*actual, *_worked_out_of(asking, part)])
    filled = resolve(part, book, asking.catalogue, asking.settings)
    found: dict[str, Any] = {"year": asking.year, "slot": _said(part, filled)}
    match meant:
        case Target():
            file = f"{asking.year - 1 if LAST in part.modifiers else asking.year}/targets.toml"
            found |= {"kind": "target", "name": meant.name, "definition": meant.definition, "file": file}
            found["this_year"] = shown(book.last_targets.get(meant.code))
            if actual and meant.code in book.last_targets:
                found |= {"actual": asking.catalogue.indicators[actual[0]].name}
                found |= {"reached": _reached(actual[0], book, asking)}
        case Supplement():
            here = asking.settings.township.words.here
            definition = f"补充数，{meant.meaning or f'由{here}自己给出'}"
            found |= {"kind": "supplement", "name": meant.name, "definition": definition}
            found |= {"file": meant.place or f"{asking.year}/{SUPPLEMENTS}", "given": _given(meant)}
        case Text():
            found |= {"kind": "text", "name": meant.name, "definition": meant.definition}
            found |= {"file": "township.toml", "key": meant.key}
        case _:
            found |= {"kind": "year", "name": meant, "definition": "由汇总的年度得出", "file": "township.toml"}
    return found


def rows_that_count(rows: Sequence[Mapping[str, Any]], item: Indicator, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Of a line list's cells, those of the rows that the figure takes in, each with its column's name."""
    columns = catalogue.lists[item.list or ""].by_code
    kept: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in rows:
        kept.setdefault((row["单位"], row["行"]), {})[row["列"]] = row["内容"]
    wanted = {key for key, cells in kept.items() if all(cells.get(at) == value for at, value in item.where.items())}
    counted = (dict(row) for row in rows if (row["单位"], row["行"]) in wanted)
    return [row | _cell(row["内容"], columns[row["列"]]) for row in counted]


def _cell(content: str | None, column: Column) -> dict[str, Any]:
    plain = shown(Decimal(content)) if content and column.type == "number" else content
    return {"列名": column.name, "内容": plain}


def words_added(found: Mapping[str, Any], item: Indicator) -> list[str]:
    """What `added` found, a line each."""
    lines = [f"来源：{found['reporter']}；汇总办法：{found['how']}"]
    if slot := found.get("slot"):
        lines.append(_slot_words(slot))
    if found["last"]:
        lines.append(f"上年：{found['last']}")
    if here := found.get("here"):
        lines.append(f"{found['unit']}：{here}")
    if target := found.get("target"):
        lines.append(f"年度目标：{target['planned']} {target['unit']}，完成 {target['reached']}%")
    if roster := found.get("roster"):
        lines.append(f"名册：{'、'.join(roster)}")
    for row in found["rounded"]:
        far = "，离准确数一位以上" if row["离一位以上"] else ""
        figures = [f"{name} {shown(row[name])}" for name in ("准确数", "四舍五入", "印出数")]
        lines.append(f"舍位平衡：{row['单位']} {'，'.join(figures)}{item.printed_in}{far}")
    return lines


def words_traced(found: Mapping[str, Any]) -> list[str]:
    """What `traced_words` found, a line each."""
    lines = [f"{found['name']}（{found['year']} 年）：{found['definition']}", _slot_words(found["slot"])]
    if given := found.get("given"):
        lines += [f"{head}：{words}" for head, words in given.items() if words]
    key = f" 的 {found['key']}" if "key" in found else ""
    lines.append(f"出处：{found['file']}{key}")
    if found.get("this_year"):
        lines.append(f"上年定的本年目标：{found['this_year']} {found['slot']['unit']}")
    if "reached" in found:
        lines.append(f"本年“{found['actual']}”完成目标的 {found['reached']}%")
    return lines


def _given(one: Supplement) -> dict[str, str]:
    """By whom, when and from what a figure was given, under the words they are shown by."""
    last = f"{shown(one.last)}{one.unit}" if one.last is not None else ""
    return {"出自": one.source, "填报人": one.by, "填报日期": one.on, "上年": last, "还没有给出": one.lacks}


def _reached(code: str, book: Book, asking: Asking) -> str:
    return resolve(Part("slot", "", 0, 0, code, (REACHED,)), book, asking.catalogue, asking.settings).text


def _slot_words(slot: Mapping[str, Any]) -> str:
    working = f"（{slot['working']}）" if slot["working"] else ""
    return f"报告里印作：{slot['text']}{slot['unit']}{working}"


def _said(part: Part, filled: Filled) -> dict[str, Any]:
    said = asdict(filled)
    return {"written": part.raw, **{name: said[name] for name in ("text", "unit", "working", "missing", "provisional")}}


def _book(asking: Asking, codes: Sequence[str]) -> tuple[Book, list[dict[str, Any]]]:
    """A book of these township figures alone, both years, with the targets; and the rows it was made from."""
    township, year = asking.settings.township, asking.year
    rows: list[dict[str, Any]] = []
    quoted = ", ".join(f"'{code}'" for code in codes)
    if codes:
        unit = asking.unit.code if asking.unit else ""
        query = _SQL["years"].format(year=year, last=year - 1, codes=quoted, unit=unit, whole=township.code)
        rows = asking.records(query)
    figures: dict[int, dict[tuple[str, str], Figure]] = {year: {}, year - 1: {}}
    for row in rows:
        kept = ("value", "printed", "text", "units_counted", "units_expected", "provisional")
        figures[row["year"]][row["code"], row["indicator"]] = Figure(*(row[name] for name in kept))
    targets: list[dict[str, Decimal]] = [load_targets(asking.inputs, at, asking.catalogue) for at in (year, year - 1)]
    like = _like(asking, quoted) if codes else {}
    place = Place(township.code, township.name, "township")
    book = Book(year, place, (), (), figures[year], figures[year - 1], targets=targets[0], last_targets=targets[1],
                like=like)  # fmt: skip
    return replace(book, own=asking.own), rows


def _like(asking: Asking, codes: str) -> dict[tuple[str, str], Figure]:
    township = asking.settings.township
    rows = asking.records(_SQL["like"].format(year=asking.year, codes=codes, whole=township.code))
    kept = ("value", "printed", "text", "units_counted", "units_expected", "provisional")
    return {(township.code, row["indicator"]): Figure(*(row[name] for name in kept)) for row in rows}


def _worked_out_of(asking: Asking, part: Part) -> list[str]:
    """The codes of the other figures that a slot is worked out of."""
    found = (asking.catalogue.find(name) for name in Wish.of(part.modifiers).names)
    return [item.code for item in found if item]


def _before(own: Own, item: Indicator) -> str:
    """What was given by hand the year before it became an indicator, and where that stands."""
    given = own.before.get(item.code)
    return f"{shown(given.value)} {given.unit}，{given.place}（{given.source}，{given.by}）" if given else ""


def _of(rows: Sequence[Mapping[str, Any]], year: int, code: str, item: Indicator) -> str:
    """A place's figure of a year as printed; '' where there is none."""
    for row in rows:
        if row["year"] == year and row["code"] == code:
            if item.is_text:
                return str(row["text"])
            return f"{shown(row['value'])} {item.unit}，印为 {shown(row['printed'])} {item.printed_in}"
    return ""
