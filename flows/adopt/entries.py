"""What was found and confirmed, as the files of a catalogue: indicators, lists, units, and the form itself."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from flows.adopt import words
from flows.adopt.found import Answer, Block, FoundForm, FoundRelation, FoundSheet
from flows.adopt.last import NEW
from flows.adopt.pages import Place
from schemas.adopted import (
    FORMS,
    SIGNATURES,
    SUFFIX,
    AdoptedAnswer,
    AdoptedBlock,
    AdoptedForm,
    AdoptedSheet,
    form_text,
    signature_name,
)
from schemas.catalogue import Catalogue
from schemas.measures import Measures
from schemas.records import TOWNSHIP_ROLE
from schemas.toml_text import key_text, value_text

BELOW_ZERO = re.compile(r"增减|净|利润|收益|盈余|结余|差额|损益|变化")
LOWEST = -1_000_000_000_000
"""The bound of figures that may be below zero: the catalogue has no word for "none"."""
LONGEST = 31
"""Characters of a sheet's name, which an area's name becomes."""


class Entries(NamedTuple):
    """Files by their path in the catalogue, and the adopted form."""

    files: dict[str, bytes]
    form: AdoptedForm
    new_units: tuple[str, ...]


class Cancelled(NamedTuple):
    """Figures of last year's form that this year's does not ask: their tables by code, and the last year they hold."""

    bodies: Mapping[str, Mapping[str, Any]]
    until: int


class Codes:
    """Inner codes for answers: those they had, their own where they are free, else a letter and the form's code."""

    def __init__(self, taken: Iterable[str], before: AdoptedForm | None = None) -> None:
        self.taken = set(taken)
        self.before = {
            (sheet.name, answer.place, answer.slot): answer.code
            for sheet in (before.sheets if before else ())
            for block in sheet.blocks
            for answer in block.answers
        }
        self.lists = {
            (sheet.name, block.first_row): block.list_code
            for sheet in (before.sheets if before else ())
            for block in sheet.blocks
        }

    def prefix(self) -> str:
        """Letters that no code begins with yet."""
        letters = [chr(65 + n) for n in range(26)]
        for one in [*letters, *(a + b for a in letters for b in letters)]:
            if not any(re.match(rf"{one}(?:\d|$)", code) for code in self.taken):
                return one
        return "Z"

    def take(self, sheet: str, place: Place, wanted: list[str], slot: int = 0) -> str:
        """A code for an answer: its former one, else the first wanted one that is free."""
        if (old := self.before.get((sheet, place, slot))) and old not in self.taken:
            wanted = [old, *wanted]
        wanted = [one for one in wanted if re.fullmatch(r"[0-9A-Z]{1,20}", one)]
        found = next((one for one in wanted if one not in self.taken), "")
        number = 2
        while not found:
            candidate = f"{wanted[-1][:16]}N{number}"
            found, number = ("" if candidate in self.taken else candidate), number + 1
        self.taken.add(found)
        return found


def entries(
    form: FoundForm,
    before: Catalogue | None,
    areas: Mapping[int, str],
    former: AdoptedForm | None = None,
    numbers: Mapping[str, int] | None = None,
    cancelled: Cancelled | None = None,
) -> Entries:
    """The files of one form on top of a catalogue without it.

    `areas` are named by the sheets' numbers. `former` is the form as it was adopted before, for its codes; `numbers`
    are those that its areas had, by name. `cancelled` stay in the catalogue for the years before; what is new counts
    from the year after.
    """
    codes = Codes([*_taken(before), *(cancelled.bodies if cancelled else ())], former)
    since = cancelled.until + 1 if cancelled else None
    inner: dict[str, str] = {}
    files: dict[str, bytes] = {}
    used = [area.number for area in before.areas.values()] if before else []
    number = max([*used, *(numbers or {}).values()], default=0)
    units: list[str] = []
    sheets = []
    for at, sheet in enumerate(form.sheets, start=1):
        prefix = codes.prefix()
        for n, answer in enumerate(sheet.answers, start=1):
            inner[answer.id] = codes.take(sheet.name, answer.place, _wanted(answer, prefix, n, inner), answer.slot)
        lists = {n: codes.take(sheet.name, (0, n), _list_codes(codes, sheet, n, prefix)) for n in _list_blocks(sheet)}
        units += [a.unit for a in sheet.answers if a.unit]
        relations = [
            one for one in form.relations if one.left and one.ids and one.ids[0] in {a.id for a in sheet.answers}
        ]
        key = f"adopted_{form.sha256[:8]}_{at}"
        area = areas[sheet.number]
        files[f"indicators/{key}.toml"] = _area_file(
            form, sheet, area, (numbers or {}).get(area, number + at), inner, relations, lists, since
        )
        if cancelled and at == 1:
            files[f"indicators/{key}.toml"] += _cancelled(cancelled)
        for n, code in lists.items():
            text = _list_file(sheet, sheet.blocks[n], code, area, inner, relations)
            files[f"lists/{key}_{n + 1}.toml"] = text
        sheets.append(_adopted_sheet(sheet, area, inner, lists))
    kept = f"{form.sha256}{form.suffix}"
    adopted = AdoptedForm(
        sha256=form.sha256, kept=kept, file=form.file, name=form.name, sheets=tuple(sheets),
        number=next((sheet.form_number for sheet in form.sheets if sheet.form_number), ""),
        other_sheets=form.other_sheets, follows=form.last_sha256 if since else "", since=since or 0,
    )  # fmt: skip
    files[f"{FORMS}/{form.sha256}{SUFFIX}"] = form_text(adopted)
    return Entries(files, adopted, tuple(dict.fromkeys(units)))


def signatures(form: AdoptedForm) -> dict[str, str]:
    """The names of its signature cells, each once, with the key of what it is."""
    cells = [cell for sheet in form.sheets for cell in sheet.identity if cell.key in SIGNATURES]
    return {name: cell.key for cell in reversed(cells) if (name := signature_name(cell.label.text))}


def unknown_units(units: Iterable[str], measures: Measures) -> tuple[str, ...]:
    """Units that nobody has declared yet."""
    return tuple(dict.fromkeys(unit for unit in units if not measures.knows(unit)))


def area_names(form: FoundForm, taken: Iterable[str]) -> dict[int, str]:
    """A name for each sheet's area, by the sheet's number: the sheet's own where it says something, else its title."""
    used, found = {one.lower() for one in taken}, {}
    for sheet in form.sheets:
        name = sheet.name if re.search(r"[\u4e00-\u9fff]{3,}", sheet.name) else sheet.title or sheet.name
        name = re.sub(r"^20\d\d年度?|^[_＿\s]*年度?", "", name)
        name = re.sub(r"[\[\]:*?/\\：？／＼＊\x00-\x1f']", "", name).strip()[:LONGEST] or f"表{sheet.number}"
        number, plain_name = 2, name
        while name.lower() in used:
            name, number = f"{plain_name[: LONGEST - 3]}{number}", number + 1
        used.add(name.lower())
        found[sheet.number] = name
    return found


def _taken(before: Catalogue | None) -> Iterator[str]:
    if before is None:
        return
    yield from before.indicators
    for line_list in before.lists.values():
        yield line_list.code
        yield from line_list.by_code


def _wanted(answer: Answer, prefix: str, number: int, inner: Mapping[str, str]) -> list[str]:
    """Codes to try, best first."""
    if answer.last_code:
        return [answer.last_code]
    if answer.period_of:
        base = inner[answer.period_of]
        return [f"{base}P{n}" for n in range(2, 30)]
    code = re.sub(r"[^0-9A-Z]", "X", answer.code.upper()) if re.fullmatch(r"[0-9A-Za-z.\-]+", answer.code) else ""
    own = [code] if re.fullmatch(r"[A-Z]+\d+", code) else []
    return [*own, *([f"{prefix}{code}"] if code and not own else []), f"{prefix}{number:03d}"]


def _list_blocks(sheet: FoundSheet) -> list[int]:
    return [n for n, block in enumerate(sheet.blocks) if block.orientation == "list"]


def _list_codes(codes: Codes, sheet: FoundSheet, n: int, prefix: str) -> list[str]:
    old = codes.lists.get((sheet.name, sheet.blocks[n].first_row), "")
    printed = {re.sub(r"\d{2}$", "", a.code) for a in sheet.blocks[n].answers if re.fullmatch(r"[A-Z]\d{3,}", a.code)}
    own = [one for one in printed if len(printed) == 1]
    return [*([old] if old else []), *own, f"{prefix}L{n + 1}"]


def _area_file(
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


def _relation_key(inner: Mapping[str, str], one: FoundRelation, n: int) -> str:
    return f"{inner[one.ids[0]]}-R{n + 1}"


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


def _cancelled(cancelled: Cancelled) -> bytes:
    """The figures that are not asked any more, under a heading of their own: names and codes may be used again."""
    lines = []
    for code, body in cancelled.bodies.items():
        kept = {key: value for key, value in body.items() if key not in ("form_code", "parent", "row", "period")}
        heading = f"{cancelled.until}年以前"
        kept["section"] = [one for one in kept.get("section", []) if one != heading] + [heading]
        lines += table(f"indicators.{code}", kept | {"until": min(body.get("until", cancelled.until), cancelled.until)})
    return ("\n".join(lines) + "\n").encode()


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


def _list_file(
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


def _adopted_sheet(sheet: FoundSheet, area: str, inner: Mapping[str, str], lists: Mapping[int, str]) -> AdoptedSheet:
    return AdoptedSheet(
        name=sheet.name, title=sheet.title, area=area,
        printed=sheet.printed, identity=sheet.identity, notes=sheet.notes,
        hidden_rows=sheet.hidden_rows, hidden_columns=sheet.hidden_columns,
        blocks=tuple(
            AdoptedBlock(
                orientation=block.orientation, head_rows=block.head_rows, head_columns=block.head_columns,
                first_row=block.first_row, last_row=block.last_row, list_code=lists.get(n, ""),
                unit_columns=block.unit_columns, reason_column=block.reason_column,
                answers=tuple(_adopted(answer, inner) for answer in block.answers),
            )
            for n, block in enumerate(sheet.blocks)
        ),
    )  # fmt: skip


def _adopted(answer: Answer, inner: Mapping[str, str]) -> AdoptedAnswer:
    pairs = [(key, label) for key, label in zip(answer.keys, answer.choices, strict=False)]
    pairs += [(label, label) for label in answer.choices if (label, label) not in pairs]
    return AdoptedAnswer(
        code=inner[answer.id], place=answer.place, name=answer.name, form_code=answer.code, unit=answer.unit,
        row_labels=answer.row_labels, column_labels=answer.column_labels, choices=tuple(pairs), holds=answer.holds,
        merge=answer.merge, slot=answer.slot,
    )  # fmt: skip


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
