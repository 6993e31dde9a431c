"""The 核对表 read back: what the clerk changed, confirmed and left out, and what still stands in the way."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from flows.adopt.found import UNSURE, Answer, Block, FoundForm, FoundRelation, FoundSheet, address
from flows.adopt.last import NEW
from flows.adopt.review_rows import (
    ANSWER_HEADS,
    ANSWERS,
    DATA,
    FILLINGS,
    GRADES,
    KEEP,
    LAST,
    LEAVE,
    RELATION_HEADS,
    RELATIONS,
    SIGNS,
    TABLE_HEADS,
    TABLES,
    TOTALS,
    TYPES,
    VILLAGES,
    YES,
    Carried,
    answer_cells,
    level_of,
    number_of,
    relation_cells,
)
from flows.reading.grid import Book, read_book
from flows.reading.guard import Refused
from flows.values.characters import tidy_text
from schemas.errors import InputError
from schemas.expressions import Linear

MOST_TOLD = 12
"""How many faults are said at once; the rest are counted."""
_TYPES = {word: key for key, word in TYPES.items()}
_TOTALS = {word: key for key, word in TOTALS.items()}
_FILLINGS = {word: key for key, word in FILLINGS.items()}
_SIGNS = {word: key for key, word in SIGNS.items()} | {key: key for key in SIGNS} | {"=": "==", "＞": ">", "＜": "<"}
_NUMBER = re.compile("[0-9]{1,9}")
Rows = dict[int, tuple[int, list[str]]]
"""By the number in its first column: the row of the sheet and its cells."""


def read_review(path: Path) -> Carried:
    """What is to go into the catalogue. Raises InputError with a line for everything that stands in the way."""
    book = _opened(path)
    carried = _carried(book, path)
    left: set[str] = set()
    faults = [
        *_tables(_rows(book, TABLES, TABLE_HEADS, path), carried, left),
        *_answers(_rows(book, ANSWERS, ANSWER_HEADS, path), carried, left),
        *_relations(_rows(book, RELATIONS, RELATION_HEADS, path), carried),
    ]
    if faults:
        more = [f"还有 {len(faults) - MOST_TOLD} 处"] if len(faults) > MOST_TOLD else []
        raise InputError(*(f"{path.name} {fault}" for fault in faults[:MOST_TOLD]), *more)
    return carried


def _opened(path: Path) -> Book:
    if not path.is_file():
        raise InputError(f"找不到核对表：{path}")
    try:
        return read_book(path.read_bytes())
    except Refused:
        raise InputError(f"{path} 打不开：它应是 cunhui adopt 写出来的核对表，存成 .xlsx") from None


def _carried(book: Book, path: Path) -> Carried:
    data = next((sheet for sheet in book.sheets if sheet.name == DATA), None)
    text = "".join(data.cell(row, data.left)[0] for row in range(data.top, data.bottom + 1)) if data else ""
    try:
        return msgspec.json.decode(text, type=Carried)
    except msgspec.MsgspecError:
        raise InputError(f"{path} 不是核对表，或另存时丢了内容；请用 cunhui adopt 重新生成一份") from None


def _rows(book: Book, name: str, heads: Sequence[str], path: Path) -> Rows:
    sheet = next((sheet for sheet in book.sheets if sheet.name == name), None)
    if sheet is None:
        raise InputError(f"{path} 里没有“{name}”这张表；请用 cunhui adopt 重新生成一份核对表")
    found: Rows = {}
    for row in range(2, sheet.bottom + 1):
        cells = [tidy_text(sheet.cell(row, column)[0])[0] for column in range(1, len(heads) + 1)]
        if _NUMBER.fullmatch(cells[0]):
            found[int(cells[0])] = (row, cells)
    return found


def _missing(rows: Rows, count: int, sheet: str) -> Iterator[str]:
    gone = [number for number in range(1, count + 1) if number not in rows]
    if gone:
        yield f"“{sheet}”里少了序号 {'、'.join(map(str, gone[:8]))} 的行：不要的行请选“不收”，不要删去"


def _unknown(kept: str, confirmed: str) -> Iterator[str]:
    """A word in 收不收 or 确认 that stands for nothing: 否 is no 不收, and no 是."""
    if kept not in ("", KEEP, LEAVE):
        yield f"收不收写的是“{kept}”，应为 {KEEP}、{LEAVE} 之一"
    if confirmed not in ("", YES):
        yield f"确认写的是“{confirmed}”，确认的写 {YES}，不确认的空着"


def _tables(rows: Rows, carried: Carried, left: set[str]) -> Iterator[str]:
    """What is wrong with the tables' rows; `left` gets the answers of those that are not wanted."""
    found = [
        (n, sheet, block) for n, form in enumerate(carried.forms) for sheet in form.sheets for block in sheet.blocks
    ]
    yield from _missing(rows, len(found), TABLES)
    for number, (n, sheet, block) in enumerate(found, start=1):
        if number not in rows:
            continue
        row, cells = rows[number]
        filling = _FILLINGS.get(cells[5], "")
        changed = filling != block.orientation
        yield from (f"“{TABLES}”第 {row} 行：{fault}" for fault in _unknown(cells[6], cells[9]))
        if not filling or {filling, block.orientation} not in ({"wide", "list"}, {filling}):
            yield f"“{TABLES}”第 {row} 行：填法写的是“{cells[5]}”，只有宽表和明细表可以互换"
        elif block.evidence.level == UNSURE and not cells[9] and not changed and cells[6] != LEAVE:
            yield f"“{TABLES}”第 {row} 行（{sheet.name}）：{block.evidence.why}，还没有确认"
        else:
            block.orientation = filling  # type: ignore[assignment]
        if (fault := _reporter(block, cells[10], carried)) and cells[6] != LEAVE:
            yield f"“{TABLES}”第 {row} 行（{sheet.name}）：{fault}"
        if cells[6] == LEAVE:
            left |= {answer.id for answer in block.answers}
        if cells[4]:
            carried.areas[n][sheet.number] = cells[4]


def _reporter(block: Block, said: str, carried: Carried) -> str:
    """Take over who reports a table; what is wrong with that, or ''."""
    roles = {"": "", VILLAGES: ""} | {name: role for role, name in carried.offices.items()}
    if said not in roles:
        return f"谁来报写的是“{said}”，应为 {'、'.join([VILLAGES, *carried.offices.values()])} 之一"
    block.reporter = roles[said]
    if block.reporter and block.orientation == "wide":
        return f"一村一行的表是各村的数，谁送来都行，“谁来报”应为{VILLAGES}"
    return ""


def _answers(rows: Rows, carried: Carried, left: set[str]) -> Iterator[str]:
    """What is wrong with the answers' rows; those that are not wanted, `left` too, are taken out."""
    found = [(form, sheet, answer) for form in carried.forms for sheet in form.sheets for answer in sheet.answers]
    yield from _missing(rows, len(found), ANSWERS)
    for number, (form, sheet, answer) in enumerate(found, start=1):
        if number not in rows:
            continue
        row, cells = rows[number]
        before = [str(one) for one in answer_cells(answer, sheet, form)]
        now = cells[2:]
        where = f"“{ANSWERS}”第 {row} 行（{before[0]} {answer.name}）"
        yield from (f"{where}：{fault}" for fault in _unknown(now[11], now[14]))
        if now[11] == LEAVE or answer.id in left:
            left.add(answer.id)
            continue
        changed = now[1:11] != before[1:11] or now[15:] != before[15:]
        if answer.level == UNSURE and not now[14] and not changed:
            yield f"{where}：{'；'.join(answer.doubts)}，还没有改正或确认"
            continue
        yield from (f"{where}：{fault}" for fault in _edited(answer, sheet, now, before))
        if now[15:] != before[15:]:
            yield from (f"{where}：{fault}" for fault in _carried_on(answer, form, now))
    _drop(carried, left)
    yield from _names(carried)
    yield from _carried_twice(carried)


def _edited(answer: Answer, sheet: FoundSheet, now: list[str], before: list[str]) -> Iterator[str]:
    """Take over what a row says now; a word that stands for nothing is a fault."""
    answer.code, answer.name, answer.unit, answer.period = now[1], now[3], now[4], now[9]
    answer.section = tuple(part for part in re.split(r"\s*[＞>]\s*", now[2]) if part)
    if not answer.name:
        yield "没有写名称"
    if not _NUMBER.fullmatch(now[5]) or int(now[5]) > 4:
        yield f"小数位写的是“{now[5]}”，应为 0 到 4"
    else:
        answer.decimals = int(now[5])
    if (kind := _TYPES.get(now[6])) is None:
        yield f"类型写的是“{now[6]}”，应为 {'、'.join(_TYPES)} 之一"
    else:
        answer.type = kind  # type: ignore[assignment]
    choices = tuple(part.strip() for part in now[7].split("、") if part.strip())
    if choices != answer.choices:
        answer.choices, answer.keys = choices, choices
    if answer.type == "choice" and len(set(answer.choices)) < 2:
        yield "类型是选项，至少要写两个不同的选项"
    if answer.type != "choice":
        answer.choices, answer.keys = (), ()
    if answer.type != "number":
        answer.unit, answer.parent = "", ""
    elif now[8] != before[8]:
        cell = now[8].split(" ")[0].upper()
        over = next((one for one in sheet.answers if address(one.place) == cell), None)
        if now[8] and (over is None or over is answer):
            yield f"上级写的是“{now[8]}”，应为本表另一个指标的单元格，如 D7"
        else:
            answer.parent = over.id if over else ""
    if (total := _TOTALS.get(now[10])) is None:
        yield f"汇总办法写的是“{now[10]}”，应为 {'、'.join(_TOTALS)} 之一"
    else:
        answer.total = (
            total if answer.type == "number" and total != "text" else "text" if answer.type == "text" else "none"
        )  # type: ignore[assignment]


def _carried_on(answer: Answer, form: FoundForm, now: list[str]) -> Iterator[str]:
    """What an answer was last year, as its row says now."""
    answer.last, code = now[15], now[16].split(" ")[0]
    answer.last_code = "" if answer.last == NEW else code
    if answer.last != NEW and code not in form.last_codes:
        yield f"上年的指标写的是“{now[16]}”，应从“{LAST}”里选；今年才有的，“与上年”选“{NEW}”"


def _carried_twice(carried: Carried) -> Iterator[str]:
    for form in carried.forms:
        seen: dict[str, Answer] = {}
        for answer in (answer for answer in form.answers if answer.last_code):
            if other := seen.get(answer.last_code):
                cells = f"{address(other.place)} 和 {address(answer.place)}"
                yield f"“{ANSWERS}”：{cells} 都写着上年的 {form.last_codes.get(answer.last_code, answer.last_code)}"
            seen[answer.last_code] = answer


def _names(carried: Carried) -> Iterator[str]:
    """Equal names under one heading: no catalogue takes them."""
    for form in carried.forms:
        for sheet in form.sheets:
            for block in sheet.blocks:
                seen: dict[tuple, Answer] = {}
                for answer in (one for one in block.answers if not one.period_of):
                    key = (answer.section, re.sub(r"[(（].*?[)）]", "", answer.name))
                    if key in seen and seen[key].name == answer.name:
                        cells = f"{address(seen[key].place)} 和 {address(answer.place)}"
                        told = f"同在一个标题下，都叫“{answer.name}”，请改名或写明所在标题"
                        yield f"“{ANSWERS}”：{sheet.name} 的 {cells} {told}"
                    seen[key] = answer


def _drop(carried: Carried, ids: set[str]) -> None:
    """Take out answers, what hangs on them, and the relations that name them."""
    if not ids:
        return
    for form in carried.forms:
        for sheet in form.sheets:
            for block in sheet.blocks:
                block.answers = [a for a in block.answers if a.id not in ids and a.period_of not in ids]
                for answer in block.answers:
                    answer.parent = "" if answer.parent in ids else answer.parent
            sheet.blocks = [block for block in sheet.blocks if block.answers]
        form.sheets = [sheet for sheet in form.sheets if sheet.blocks]


def _relations(rows: Rows, carried: Carried) -> Iterator[str]:
    found = [(form, one) for form in carried.forms for one in form.relations]
    yield from _missing(rows, len(found), RELATIONS)
    kept: dict[int, list[FoundRelation]] = {id(form): [] for form in carried.forms}
    for number, (form, one) in enumerate(found, start=1):
        if number not in rows:
            continue
        row, cells = rows[number]
        before, now = [str(cell) for cell in relation_cells(one, form)], cells[2:]
        known = {answer.id for answer in form.answers}
        where = f"“{RELATIONS}”第 {row} 行（{one.printed[:20]}）"
        yield from (f"{where}：{fault}" for fault in _unknown(now[7], now[10]))
        if now[7] == LEAVE or (one.left and not set(one.ids) <= known):
            continue
        changed = now[1:6] != before[1:6]
        if level_of(one) == UNSURE and not changed and (not now[10] or not one.left):
            ask = "还没有写出左右两边，也没有选“不收”" if not one.left else "还没有改正或确认"
            yield f"{where}：{one.evidence.why or '样本不全相符'}，{ask}"
            continue
        if changed:
            yield from (f"{where}：{fault}" for fault in _rewritten(one, form, now, known))
        kept[id(form)].append(one)
    for form in carried.forms:
        form.relations = kept[id(form)]


def _rewritten(one: FoundRelation, form: FoundForm, now: list[str], known: set[str]) -> Iterator[str]:
    sign = _SIGNS.get(now[2])
    if sign is None:
        yield f"关系写的是“{now[2]}”，应为 {'、'.join(SIGNS.values())} 之一"
        return
    if now[5] not in GRADES:
        yield f"等级写的是“{now[5]}”，应为 {'、'.join(GRADES)} 之一"
        return
    own = number_of(one, form)
    sides = []
    for text in (now[1], now[3]):
        side = re.sub(r"\[\s*([A-Za-z]{1,3}\d+)\s*\]", lambda m: f"[{own}.{m[1].upper()}]", text)
        named = re.findall(r"\[([^\]]+)\]", side)
        if unknown := [name for name in named if name not in known]:
            yield f"[{unknown[0]}] 不是填报格"
            return
        try:
            for part in side.split("/"):
                Linear.parse(re.sub(r"\[([^\]]+)\]", "X1", part))
        except ValueError:
            yield f"“{text}”应为 [单元格] 的加减，如 [D7] + 2 * [D8]"
            return
        sides.append(side)
    if not re.search(r"\[", "".join(sides)):
        yield "两边都没有指标"
        return
    one.left, one.relation, one.right = sides[0], sign, sides[1]
    one.words, one.grade = now[4] or one.words, now[5]  # type: ignore[assignment]
