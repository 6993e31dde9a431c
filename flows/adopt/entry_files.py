"""The text of a catalogue's files, from what was found and confirmed: an area with its indicators, a line list."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from flows.adopt import words
from flows.adopt.found import Answer, Block, FoundForm, FoundRelation, FoundSheet
from flows.adopt.last import NEW
from schemas.records import TOWNSHIP_ROLE
from schemas.toml_text import key_text, value_text

BELOW_ZERO = re.compile(r"增减|净|利润|收益|盈余|结余|差额|损益|变化")
LOWEST = -1_000_000_000_000
"""The bound of figures that may be below zero: the catalogue has no word for "none"."""
LONGEST = 31
"""Characters of a sheet's name, which an area's name becomes."""


class Cancelled(NamedTuple):
    """Figures of last year's form that this year's does not ask: their tables by code, and the last year they hold."""

    bodies: Mapping[str, Mapping[str, Any]]
    until: int


def area_file(
    form: FoundForm, sheet: FoundSheet, area: str, number: int, inner: Mapping[str, str],
    relations: list[FoundRelation], lists: Mapping[int, str], since: int | None,
) -> bytes:  # fmt: skip
    """The [area], its indicators and relations."""
    of_lists = {answer.id for n in lists for answer in sheet.blocks[n].answers}
    head = {"number": number, "name": area, "title": _title(sheet, area)}
    if not any(block.reason_column for block in sheet.blocks):
        head["reason"] = False
    lines = [f"# 由 cunhui adopt 收编：{form.file}，工作表“{sheet.name}”。", *table("area", head)]
    answers = [answer for answer in sheet.answers if answer.id not in of_lists]
    for answer in answers:
        body = _indicator(answer, sheet, inner) | _reporter(next(b for b in sheet.blocks if answer in b.answers))
        body |= {"since": since} if since and answer.last == NEW else {}
        lines += table(f"indicators.{inner[answer.id]}", body)
    if lists and not answers:
        for n, code in lists.items():
            name = f"{_list_name(sheet, sheet.blocks[n], area)}数"
            counted = {
                "name": name, "definition": f"{_list_name(sheet, sheet.blocks[n], area)}的行数。", "unit": "个",
                "reporter": "derived", "total": "list", "list": code, "aggregate": "count",
            }  # fmt: skip
            lines += table(f"indicators.{code}N", counted)
    implied = {(inner[a.parent], inner[a.id]) for a in answers if a.parent}
    for n, one in enumerate(
        one for one in relations if not set(one.ids) & of_lists and not _implied(one, inner, implied)
    ):
        lines += table(f"relations.{_relation_key(inner, one, n)}", _relation(one, inner))
    return ("\n".join(lines) + "\n").encode()


def list_file(
    sheet: FoundSheet, block: Block, code: str, area: str, inner: Mapping[str, str], relations: list[FoundRelation]
) -> bytes:
    """One line list with its columns."""
    name = _list_name(sheet, block, area)
    head: dict[str, Any] = {
        "code": code,
        "name": name,
        "area": area,
        "definition": f"按《{sheet.title or sheet.name}》填报，一行填一项。",
        "reporter": "office" if block.reporter else "village",
        "rows": max(1, block.last_row - block.first_row + 1),
    }
    if block.reporter:
        head["office"] = block.reporter
    lines = [f"# 由 cunhui adopt 收编：工作表“{sheet.name}”。", *_pairs(head)]
    for answer in block.answers:
        column: dict[str, Any] = {"name": answer.name, "definition": answer.note or f"{answer.name}。"}
        if answer.type != "text":
            column["type"] = answer.type
        if answer.unit:
            column["unit"] = answer.unit
        if answer.decimals:
            column["decimals"] = answer.decimals
        if answer.choices:
            column["choices"] = list(answer.choices)
        if answer.required:
            column["required"] = True
        lines += table(f"columns.{inner[answer.id]}", column)
    own = {answer.id for answer in block.answers}
    for n, one in enumerate(one for one in relations if one.ids and set(one.ids) <= own):
        lines += table(f"relations.{code}-{n + 1}", _relation(one, inner))
    return ("\n".join(lines) + "\n").encode()


def cancelled_text(cancelled: Cancelled) -> bytes:
    """The figures that are not asked any more, under a heading of their own: names and codes may be used again."""
    lines = []
    for code, body in cancelled.bodies.items():
        kept = {key: value for key, value in body.items() if key not in ("form_code", "parent", "row", "period")}
        heading = f"{cancelled.until}年以前"
        kept["section"] = [one for one in kept.get("section", []) if one != heading] + [heading]
        lines += table(f"indicators.{code}", kept | {"until": min(body.get("until", cancelled.until), cancelled.until)})
    return ("\n".join(lines) + "\n").encode()


def _title(sheet: FoundSheet, area: str) -> str:
    return re.sub(r"^20\d\d年度?", "", sheet.title) or area


def _indicator(answer: Answer, sheet: FoundSheet, inner: Mapping[str, str]) -> dict[str, Any]:
    code = inner[answer.id]
    found: dict[str, Any] = {
        "name": answer.name,
        "definition": answer.note or f"按《{sheet.title or sheet.name}》填报。",
        "unit": answer.unit,
    }  # fmt: skip
    if answer.code and answer.code != code and not answer.period_of:
        found["form_code"] = answer.code[:12]
    if answer.section:
        found["section"] = list(answer.section)
    if answer.decimals:
        found["decimals"] = answer.decimals
    if answer.type != "number":
        found["blank"] = "not_applicable"
    if answer.type == "text":
        found["total"] = "text"
    elif answer.type == "choice":
        found |= {"type": "choice", "choices": list(answer.choices)}
    elif answer.total == "none":
        found["total"] = "none"
    if answer.parent in inner:
        found["parent"] = inner[answer.parent]
    if answer.period_of:
        found |= {"name": f"{answer.name}（{answer.period}）", "row": inner[answer.period_of], "period": answer.period}
    if answer.type == "number" and BELOW_ZERO.search(answer.name + answer.period):
        found["minimum"] = LOWEST
    return found


def _reporter(block: Block) -> dict[str, Any]:
    """Who reports a table's figures, where it is not the villages."""
    if not block.reporter:
        return {}
    of_township = block.reporter == TOWNSHIP_ROLE
    return {"reporter": "township"} if of_township else {"reporter": "office", "office": block.reporter}


def _relation_key(inner: Mapping[str, str], one: FoundRelation, n: int) -> str:
    return f"{inner[one.ids[0]]}-R{n + 1}"


def _implied(one: FoundRelation, inner: Mapping[str, str], implied: set[tuple[str, str]]) -> bool:
    """Whether the relation follows from a parent anyway."""
    left, right = (re.fullmatch(r"\[([^\]]+)\]", side) for side in (one.left, one.right))
    if not left or not right or one.grade != "强制" or one.relation not in (">=", "<="):
        return False
    pair = (inner[left[1]], inner[right[1]])
    return (pair if one.relation == ">=" else pair[::-1]) in implied


def _relation(one: FoundRelation, inner: Mapping[str, str]) -> dict[str, Any]:
    def side(text: str) -> str:
        return re.sub(r"\[([^\]]+)\]", lambda m: _bracketed(inner[m[1]]), text)

    found: dict[str, Any] = {
        "left": side(one.left),
        "relation": one.relation,
        "right": side(one.right),
        "words": one.words,
    }
    if one.grade != "强制":
        found["grade"] = one.grade
    if one.tolerance:
        found["tolerance"] = Decimal(one.tolerance)
    return found


def _bracketed(code: str) -> str:
    return code if re.fullmatch(r"[A-Z]\w*", code) else f"[{code}]"


def _list_name(sheet: FoundSheet, block: Block, area: str) -> str:
    """A list's name, which no area has: both are names of sheets."""
    number = "" if len(sheet.blocks) == 1 else str(block.first_row)
    return f"{area.removesuffix('表')[: LONGEST - 6].removesuffix('明细')}明细{number}"


def table(name: str, body: Mapping[str, Any]) -> list[str]:
    """A table of a TOML file, an empty line before it; what was printed over several lines stands on one."""
    kind, _, key = name.partition(".")
    head = ".".join(map(key_text, (kind, key) if key else (kind,)))
    return ["", f"[{head}]", *_pairs(body)]


def _pairs(body: Mapping[str, Any]) -> list[str]:
    return [f"{key_text(key)} = {value_text(_on_one_line(value))}" for key, value in body.items()]


def _on_one_line(value: Any) -> Any:
    if isinstance(value, list):
        return [_on_one_line(one) for one in value]
    return words.plain_line(value) if isinstance(value, str) else value
