"""Tables whose columns are named at the top: wide ones with a row for each village, and lists with a row an entry."""

import re

from flows.adopt import words
from flows.adopt.answer_types import settle_type
from flows.adopt.cell_states import BARRED, BLANK, FILLED, FORMULA, TICKS, state
from flows.adopt.choices import choices_of, items, without_choices
from flows.adopt.families import same_measure
from flows.adopt.found import INFERRED, PRINTED, UNSURE, Answer, Block, Evidence, address
from flows.adopt.heads import Table, head_path, leaf
from flows.adopt.pages import Page
from schemas.adopted import Label, LabelKind, UnitColumn

_IN_NUMBER = re.compile(r"^\(?(\d{1,3})\)?")


def column_block(page: Page, table: Table, number: int) -> Block | None:
    """The columns to fill in, or None where there is none."""
    body = [row for row in table.body if not _is_sum(page, table, row)]
    if not body:
        return None
    first = body[0]
    wide, evidence = _is_wide(page, table, body)
    coded = table.code_row is not None
    unit_columns, answers = [], []
    for column in table.columns:
        head = leaf(page, table, column)
        labels = _labels(page, table, column)
        if words.role_of(head) == "order" and words.plain(head) != "编号":
            continue
        if (key := _whose(head)) and (wide or words.is_org(head)):
            unit_columns.append(UnitColumn(key=key, column=column, labels=labels))
            continue
        held = {state(page, row, column) for row in body}
        if not held & {BLANK, TICKS, FORMULA, FILLED} or held == {BARRED}:
            continue
        if _is_reason(page, table, column, wide or coded):
            continue
        answers.append(_answer(page, table, column, first, number, labels, wide))
    if not answers:
        return None
    reason = next((c for c in table.columns if _is_reason(page, table, c, wide or coded)), None)
    _families(page, table, answers)
    return Block(
        orientation="wide" if wide else "list",
        head_rows=(table.head_top, table.head_bottom),
        head_columns=(table.columns[0], table.columns[-1]),
        first_row=first,
        last_row=body[-1],
        answers=answers,
        unit_columns=tuple(unit_columns),
        reason_column=reason,
        evidence=evidence,
    )


def _is_reason(page: Page, table: Table, column: int, sure: bool) -> bool:
    """Whether the column is for remarks: in a list without codes it may be a column like the others."""
    coded = table.code_row is not None and page.text(table.code_row, column)
    return sure and not coded and words.role_of(leaf(page, table, column)) == "reason"


def _whose(head: str) -> str:
    if words.is_org_code(head):
        return "unit_code"
    return "unit_name" if words.is_org(head) and not words.is_entry(head) else ""


def _is_sum(page: Page, table: Table, row: int) -> bool:
    """Whether the row is the table's own 合计: no village fills it in."""
    return any(words.is_total(page.text(row, column)) for column in table.columns[:3])


def _is_wide(page: Page, table: Table, body: list[int]) -> tuple[bool, Evidence]:
    heads = [leaf(page, table, column) for column in table.columns]
    org = any(words.is_org(head) for head in heads[:4])
    entry = any(words.is_entry(head) and not words.is_org(head) for head in heads[:5])
    if org and not entry:
        return True, Evidence(PRINTED)
    if org and entry:
        return False, Evidence(INFERRED, "既有村名，又有姓名、项目名称一类的栏目，一行填一项")
    if len(body) == 1 and not entry and not any(words.role_of(head) == "order" for head in heads[:2]):
        return True, Evidence(INFERRED, "只有一行可填")
    known = entry or any(words.role_of(head) == "order" for head in heads[:2])
    return False, Evidence(INFERRED if known else UNSURE, "" if known else "一行填一个村，还是一行填一项")


def _labels(page: Page, table: Table, column: int) -> tuple[Label, ...]:
    labels = [Label(kind="head", text=text, place=place) for place, text in head_path(page, table, column)]
    below: list[tuple[LabelKind, int | None]] = [
        ("unit", table.unit_row), ("code", table.code_row), ("number", table.number_row)
    ]  # fmt: skip
    for kind, row in below:
        if row and (text := page.text(row, column)):
            labels.append(Label(kind=kind, text=text, place=page.origin(row, column)))
    return tuple(labels)


def _answer(
    page: Page, table: Table, column: int, first: int, number: int, labels: tuple[Label, ...], wide: bool
) -> Answer:
    path = head_path(page, table, column)
    raw = path[-1][1] if path else ""
    head, offered = without_choices(raw.replace("\n", ""))
    name, unit, places = words.bracketed_unit(head)
    over_units = [words.bracketed_unit(text.replace("\n", "")) for _, text in path[:-1]]
    why = "表头的括号"
    said = words.plain(page.text(table.unit_row, column)) if table.unit_row else ""
    wanted = re.sub(r"\(必填\)$", "", said)
    if (below := words.unit_and_places(wanted))[0] and wanted not in ("文字", "选一项", "数字", "日期"):
        unit, why = below[0], "单位行"
        places = below[1] if below[1] is not None else places
    if not unit and (above := next((u for _, u, _ in reversed(over_units) if u), "")):
        unit, why = above, "上级表头的括号"
    code = next((words.plain(label.text) for label in labels if label.kind == "code"), "")
    printed = next((words.plain(label.text) for label in labels if label.kind == "number"), "")
    counted = _IN_NUMBER.match(printed)
    answer = Answer(
        id=f"{number}.{address((first, column))}",
        place=(first, column),
        name=words.tidied(words.of_which(words.numbered(name)[1])[1]),
        code=code or (counted[1] if counted else ""),
        section=tuple(words.tidied(words.numbered(text)[1]) for text, _, _ in over_units) if wide else (),
        unit=unit,
        holds=page.at(first, column).formula or page.text(first, column),
        fill=page.at(first, column).fill,
        column_labels=labels,
    )
    answer.required = said != wanted
    answer.note_evidence("place", PRINTED if page.at(first, column).boxed else INFERRED)
    answer.note_evidence("name", PRINTED)
    if not wide and len(path) > 1:
        answer.name = words.tidied("".join((*(words.of_which(text)[1] for text, _, _ in over_units), answer.name)))
        answer.note_evidence("name", INFERRED, "两级表头连写")
    if answer.code:
        answer.note_evidence("code", PRINTED if code else INFERRED, "" if code else "栏号")
    if answer.section:
        answer.note_evidence("section", PRINTED)
    _kind(page, table, answer, first, column, offered or choices_of(page.text(first, column)), places, why)
    return answer


def _kind(
    page: Page, table: Table, answer: Answer, first: int, column: int, offered: list, places: int | None, why: str
) -> None:
    rule = page.validations.get((first, column))
    if rule and len(rule.choices) > 1:
        offered = items(rule.choices)
    if offered:
        answer.choose_from(offered)
        return
    if answer.unit:
        answer.note_evidence("unit", PRINTED, why)
    if table.unit_row and re.match("文字|日期", words.plain(page.text(table.unit_row, column))):
        answer.type, answer.total = "text", "text"
        answer.note_evidence("type", PRINTED, "单位行")
        return
    settle_type(answer, rule.kind if rule else "", places, page.at(first, column).places)


def _families(page: Page, table: Table, answers: list[Answer]) -> None:
    """Parts among columns: behind 其中 of the one before; under one head, of that head's 合计."""
    by_column = {answer.place[1]: answer for answer in answers}
    holder: Answer | None = None
    group: tuple = ()
    total: Answer | None = None
    for column in sorted(by_column):
        answer, path = by_column[column], head_path(page, table, column)
        above = tuple(place for place, _ in path[:-1])
        if above != group:
            group, total = above, None
        which = next((n for n, (_, text) in enumerate(path) if words.of_which(text)[0]), None)
        if which is not None and holder is not None:
            if same_measure(holder.unit, answer.unit):
                answer.parent = holder.id
                answer.note_evidence("parent", PRINTED, "其中")
            else:
                answer.note_evidence("parent", UNSURE, f"印着“其中”，但与“{holder.name}”的计量单位不同")
            answer.section = tuple(one for one in answer.section if one and one != "其中")
            continue
        if total is not None and same_measure(total.unit, answer.unit) and above:
            answer.parent = total.id
            answer.note_evidence("parent", INFERRED, "同一表头下的合计")
        elif above and words.is_total(words.plain(path[-1][1]).split("(")[0]):
            total = answer
        holder = answer
