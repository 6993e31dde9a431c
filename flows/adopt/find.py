"""A blank form's pages to what is found in them: where tables, surroundings and relations are put together."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from flows.adopt import words
from flows.adopt.answer_types import settle_type
from flows.adopt.blank import Blank
from flows.adopt.cards import card_block
from flows.adopt.cell_states import FILLED, state
from flows.adopt.choices import choices_of
from flows.adopt.columns import column_block
from flows.adopt.foot import identity_of, surrounding, title_of, units_above
from flows.adopt.found import INFERRED, PRINTED, UNSURE, Answer, Block, FoundForm, FoundRelation, FoundSheet, address
from flows.adopt.pages import Page
from flows.adopt.related import relations_of
from flows.adopt.sentences import sentence_blocks
from flows.adopt.stubs import stub_block
from flows.adopt.tables import tables_of
from schemas.errors import InputError

FULL = 0.5
"""A form in which more than this share of the cells to fill in hold figures is no blank one."""


def find(blank: Blank) -> FoundForm:
    """What a form asks. Raises InputError with one line for each thing that makes it unfit as a blank form."""
    sheets, pages, others = [], [], []
    visible = [page for page in blank.pages if page.visible]
    if not any(cell.text for page in visible for cell in page.cells.values()):
        raise InputError(f"{blank.path.name}：表里没有文字，可能只贴了一张图片；请向发表的单位要 Excel 或 WPS 原文件")
    for number, page in enumerate(visible, start=1):
        sheet = _sheet(page, number, blank)
        if sheet.blocks:
            sheets.append(sheet)
            pages.append(page)
        else:
            others.append(page.name)
    if not sheets:
        raise InputError(f"{blank.path.name}：没有找到要填的空格；请确认给的是空白表，而不是说明或填好的表")
    form = FoundForm(
        path=str(blank.path.resolve()), file=blank.path.name, suffix=blank.suffix, sha256=blank.sha256,
        name=next((sheet.title for sheet in sheets if sheet.title), blank.path.stem), sheets=sheets,
        other_sheets=tuple([*others, *(page.name for page in blank.pages if not page.visible)]), missing=blank.missing,
    )  # fmt: skip
    _refuse(form, pages, blank.path.name)
    form.relations = _relations(form, pages)
    for sheet in sheets:
        _settled_by_relations(sheet, form.relations)
        _told_apart(sheet)
    return form


def _sheet(page: Page, number: int, blank: Blank) -> FoundSheet:
    tables = tables_of(page)
    blocks: list[Block] = []
    for table in tables:
        block = stub_block(page, table, number) if table.groups else column_block(page, table, number)
        if block is not None:
            blocks.append(block)
    if not blocks and (cards := card_block(page, number)):
        blocks.append(cards)
    top = min((block.head_rows[0] for block in blocks), default=1)
    title, form_number = title_of(page, top)
    _refuse_two_forms(page, blocks, blank.path.name)
    for block in blocks:
        _inherit_unit(block, units_above(page, block.head_rows[0]))
    taken = {answer.place for block in blocks for answer in block.answers}
    sheet = FoundSheet(number=number, name=page.name, title=title, form_number=form_number, blocks=blocks)
    sheet.identity = identity_of(page, taken) if blocks else ()
    blocks += sentence_blocks(page, number, sheet, taken)
    taken |= {answer.place for block in blocks for answer in block.answers}
    texts = surrounding(page, blocks, taken)
    sheet.printed = tuple(
        (*place, cell.text)
        for place, cell in sorted(page.cells.items())
        if cell.text and place not in taken and page.seen(*place)
    )
    sheet.notes = tuple(text for place, text in texts if place[0] > top)
    sheet.hidden_rows, sheet.hidden_columns = tuple(sorted(page.hidden_rows)), tuple(sorted(page.hidden_columns))
    _legends(sheet)
    sheet.unread = tuple(_unread(page, sheet))
    return sheet


def _refuse_two_forms(page: Page, blocks: list[Block], file: str) -> None:
    """Two forms on one sheet: each has its own 表号 or its own title."""
    if len(blocks) < 2:
        return
    starts = []
    for before, block in pairwise(blocks):
        for row in range(before.last_row + 1, block.head_rows[0]):
            for place, text in page.row_texts(row):
                said = words.plain(text)
                alone = len(page.row_texts(row)) == 1 and (page.at(*place).bold or page.at(*place).centred)
                if re.match(r"表号[:：]", said) or (alone and said.endswith("表") and len(said) < 40):
                    starts.append(row)
    if starts:
        raise InputError(
            f"{file}：工作表“{page.name}”上有两张表（第二张从第 {starts[0]} 行起）；请把它们分到两张工作表上再收编"
        )


def _refuse(form: FoundForm, pages: Sequence[Page], file: str) -> None:
    for sheet, page in zip(form.sheets, pages, strict=True):
        for block in sheet.blocks:
            if block.orientation in ("vertical", "wide") and (twice := _repeated_codes(block.answers)):
                raise InputError(
                    f"{file}：工作表“{sheet.name}”里有代码出现两次：{'；'.join(twice[:3])}；请问发表单位，改好后再收编"
                )
        full = [a for a in sheet.answers if _is_full(page, sheet, a)]
        counted = [a for a in sheet.answers if not a.period_of and a.type != "choice"]
        if len(full) >= 3 and len(full) > FULL * len(counted):
            raise InputError(
                f"{file}：工作表“{sheet.name}”里 {len(counted)} 个填报格已有 {len(full)} 个填了数，不是空白表；"
                "请用没有填过的表收编，填好的用 --sample 给"
            )
    for sheet, page in zip(form.sheets, pages, strict=True):
        _drop_reference(sheet, page)


def _repeated_codes(answers: list[Answer]) -> list[str]:
    """Codes that stand on a page more than once, with their cells."""
    counted = Counter(answer.code.lstrip("0") for answer in answers if answer.code and not answer.period_of)
    return [
        f"{code}（{'、'.join(address(a.place) for a in answers if a.code.lstrip('0') == code and not a.period_of)}）"
        for code, times in counted.items()
        if times > 1
    ]


def _is_full(page: Page, sheet: FoundSheet, answer: Answer) -> bool:
    if answer.period_of or answer.slot:
        return False
    block = next(block for block in sheet.blocks if answer in block.answers)
    if block.orientation in ("wide", "list"):
        rows = range(block.first_row, block.last_row + 1)
        return any(state(page, row, answer.place[1]) == FILLED for row in rows)
    return state(page, *answer.place) == FILLED


def _drop_reference(sheet: FoundSheet, page: Page) -> None:
    """A further period column that came with figures is for reference: nobody fills it in."""
    for block in sheet.blocks:
        filled = Counter(a.period for a in block.answers if a.period_of and state(page, *a.place) == FILLED)
        locked = Counter(a.period for a in block.answers if a.period_of and page.protected and page.at(*a.place).locked)
        counted = Counter(a.period for a in block.answers if a.period_of)
        unlocked = any(not page.at(*a.place).locked for a in block.answers if not a.period_of)
        for period in counted:
            if filled[period] > counted[period] / 2 or (unlocked and locked[period] == counted[period]):
                block.answers = [a for a in block.answers if a.period != period or not a.period_of]


def _inherit_unit(block: Block, offered: list[str]) -> None:
    """Answers without a unit of their own: that of the line above the table, or of the figure they are part of.

    Of several units on that line, and without any, the words of the name decide where they name what is counted.
    """
    line = offered[0] if len(offered) == 1 else ""
    by_id = {answer.id: answer for answer in block.answers}
    for answer in block.answers:
        if answer.unit or answer.type != "number":
            continue
        holder = by_id.get(answer.parent)
        if line:
            answer.unit = line
            answer.note_evidence("unit", PRINTED, "表上的“单位：”")
        elif holder is not None and holder.unit:
            answer.unit = holder.unit
            answer.note_evidence("unit", INFERRED, f"同“{holder.name}”")
        elif unit := words.unit_by_name("".join((*answer.section, answer.name)), offered):
            answer.unit = unit
            answer.note_evidence("unit", INFERRED, "按名称")
        else:
            continue
        if "decimals" not in answer.evidence or answer.evidence["decimals"].level == INFERRED:
            settle_type(answer, "", None, None)


def _legends(sheet: FoundSheet) -> None:
    """Choices that the foot explains by code: 11：1.平原 2.丘陵."""
    by_code = {answer.code: answer for answer in sheet.answers if answer.code and not answer.period_of}
    by_name = {words.plain(answer.name): answer for answer in sheet.answers}
    for note in sheet.notes:
        for line in re.split(r"[\n；;。]", note):
            said = re.sub(r"^(?:\d{1,2}[.、]|[(（]\d{1,2}[)）]|[①-⑳])(?=\D|0|\d{2})", "", words.plain(line))
            found = re.match(
                r"^(?:说明[:：]|注[:：])?(?:指标|代码|第|项目)*[“\"(]?([A-Z]{0,2}\d{1,4}|[\u4e00-\u9fff]{2,20})[”\")]?(?:行|栏|项|列)?[^:：]{0,12}[:：](.+)$",
                said,
            )
            answer = (by_code.get(found[1]) or by_name.get(found[1])) if found else None
            if found and answer is not None and (offered := choices_of(found[2])):
                answer.parent = ""
                answer.evidence = {
                    k: v for k, v in answer.evidence.items() if k not in ("unit", "parent", "decimals", "total")
                }
                answer.choose_from(offered, "表下的说明")


def _unread(page: Page, sheet: FoundSheet) -> list[tuple[str, str]]:
    """Empty boxed cells beside names that no answer came of, and texts inside the body that nothing was made of."""
    found = []
    for block in sheet.blocks:
        if block.orientation not in ("vertical", "cross"):
            continue
        columns = {answer.place[1] for answer in block.answers}
        rows = {answer.place[0] for answer in block.answers}
        for row in range(block.first_row, block.last_row + 1):
            if row in rows or row in page.hidden_rows:
                continue
            named = [text for (_, column), text in page.row_texts(row) if column not in columns]
            empty = any(not page.text(row, column) and page.at(row, column).boxed for column in columns)
            headings = {heading for answer in block.answers for heading in answer.section}
            if named and empty and words.tidied(words.numbered(named[0])[1]) not in headings:
                found.append((address(page.row_texts(row)[0][0]), named[0]))
    return found


def _relations(form: FoundForm, pages: Sequence[Page]) -> list[FoundRelation]:
    found: list[FoundRelation] = []
    for sheet, page in zip(form.sheets, pages, strict=True):
        taken = {answer.place for answer in sheet.answers}
        texts = surrounding(page, sheet.blocks, taken)
        others = [answer for other in form.sheets if other is not sheet for answer in other.answers]
        found += relations_of(sheet, page, texts, others)
    seen: dict[tuple, FoundRelation] = {}
    for one in found:
        key = (one.left, one.relation, one.right) if one.left else (one.printed, one.place)
        seen.setdefault(key, one)
    return list(seen.values())


def _settled_by_relations(sheet: FoundSheet, relations: list[FoundRelation]) -> None:
    """A sum in the foot says which of the doubtful parts belong to it."""
    sums: dict[str, list[set[str]]] = {}
    for one in relations:
        if (
            one.relation in ("==", ">=")
            and re.fullmatch(r"\[[^\]]+\]", one.left)
            and re.fullmatch(r"\[[^\]]+\](?: \+ \[[^\]]+\])*", one.right)
        ):
            sums.setdefault(one.left.strip("[]"), []).append(set(one.ids[1:]))
    by_id = {answer.id: answer for answer in sheet.answers}
    for answer in sheet.answers:
        _among_addends(answer, sums)
        order = [one.id for one in sheet.answers if one.period == answer.period]
        if answer.evidence.get("parent") is None or answer.evidence["parent"].level != UNSURE:
            continue
        over = [whole for whole, parts in sums.items() if any(answer.id in each and len(each) > 1 for each in parts)]
        before = order[order.index(answer.id) - 1] if order.index(answer.id) else ""
        near = [whole for whole in over if whole in (before, by_id[before].parent if before in by_id else "")]
        if near and not answer.parent:
            answer.parent = near[0]
            answer.note_evidence("parent", INFERRED, "表下的关系式")
        elif not over and sums and before in by_id and by_id[before].parent in sums:
            answer.note_evidence("parent", INFERRED, "表下的关系式里没有它")


def _among_addends(answer: Answer, sums: dict[str, list[set[str]]]) -> None:
    """Two figures that are added up are no parts of each other, whatever their indentation looks like."""
    for whole, lists in sums.items():
        if any(answer.id in parts and answer.parent in parts for parts in lists):
            answer.parent = whole
            answer.note_evidence("parent", INFERRED, "表下的关系式")
        elif answer.parent == whole and any(answer.id in parts and len(parts) > 1 for parts in lists):
            level = answer.evidence["parent"].level if "parent" in answer.evidence else INFERRED
            answer.note_evidence("parent", INFERRED if level == UNSURE else level, "表下的关系式")


def _told_apart(sheet: FoundSheet) -> None:
    """Equal names under one heading get the name of what they are part of as a heading; else they are unsure."""
    by_id = {answer.id: answer for answer in sheet.answers}
    for _ in range(2):
        same = _equal(sheet)
        for answers in same:
            for answer in answers:
                if answer.parent and by_id[answer.parent].name not in answer.section:
                    answer.section = (*answer.section, by_id[answer.parent].name)
                    answer.note_evidence("section", INFERRED, "同名的按上级分开")
    for answers in _equal(sheet):
        for answer in answers:
            answer.note_evidence("name", UNSURE, "同一标题下有同名的，请改成不同的名称")


def _equal(sheet: FoundSheet) -> list[list[Answer]]:
    found: dict[tuple, list[Answer]] = {}
    for answer in (answer for answer in sheet.answers if not answer.period_of):
        found.setdefault((answer.section, re.sub(r"\(.*?\)", "", words.plain(answer.name))), []).append(answer)
    return [answers for answers in found.values() if len(answers) > 1]
