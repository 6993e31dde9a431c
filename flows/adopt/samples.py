"""Filled copies of a form decide what its looks leave open: which cells are answers, which relations hold."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from flows.adopt.blank import Blank
from flows.adopt.found import INFERRED, PRINTED, UNSURE, FoundForm, FoundSheet, address
from flows.adopt.pages import Page
from flows.values.characters import tidy
from schemas.expressions import Linear


def compare(forms: Sequence[FoundForm], samples: Sequence[Blank]) -> None:
    """Hold every form against the filled copies that have its sheets; what they show is added to the evidence."""
    for form in forms:
        for sheet in form.sheets:
            copies = [page for sample in samples for page in sample.pages if _same(page, sheet)]
            if copies:
                _answers(sheet, copies)
                sheet.unread += tuple(_differing(sheet, copies))
                _relations(form, sheet, copies)


def _same(page: Page, sheet: FoundSheet) -> bool:
    """Whether a page is a copy of the sheet with nothing moved: nearly all of what it prints stands where it stood."""
    printed = [one for one in sheet.printed if one[2].strip()]
    stood = sum(page.text(row, column) == text.strip() for row, column, text in printed)
    return bool(printed) and stood >= 0.9 * len(printed)


def _answers(sheet: FoundSheet, copies: Sequence[Page]) -> None:
    """Cells that differ between copies are answers; words in them are no figures."""
    for block in sheet.blocks:
        if block.orientation in ("wide", "list", "sentence"):
            continue
        for answer in block.answers:
            said = [text for page in copies if (text := page.text(*answer.place))]
            if len(set(said)) > 1 and answer.evidence.get("place", None) is not None:
                answer.note_evidence("place", PRINTED, "各村填得不同")
            numbers = [_number(text) for text in said]
            unit = answer.evidence.get("unit")
            if not said or unit is None or unit.level != UNSURE:
                continue
            if all(number is not None for number in numbers):
                answer.note_evidence("unit", INFERRED, "样本里填的都是数")
            elif all(number is None for number in numbers):
                answer.type, answer.total = "text", "text"
                del answer.evidence["unit"]
                answer.note_evidence("type", INFERRED, "样本里填的都是文字")


def _differing(sheet: FoundSheet, copies: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """Cells that the copies fill in differently and that are no answer: shown in red for whoever goes through it."""
    known = {answer.place for answer in sheet.answers} | {cell.place for cell in sheet.identity}
    for block in sheet.blocks:
        if block.orientation in ("wide", "list"):
            columns = [*(answer.place[1] for answer in block.answers), *(one.column for one in block.unit_columns)]
            rows = range(block.first_row, max(page.bounds[2] for page in copies) + 1)
            known |= {(row, column) for row in rows for column in columns}
        known |= {(row, block.reason_column or 0) for row in range(block.first_row, block.last_row + 1)}
    printed = {(row, column) for row, column, _ in sheet.printed}
    for place in sorted(
        {place for page in copies for place, cell in page.cells.items() if cell.text} - known - printed
    ):
        said = [page.text(*place) for page in copies]
        if len(copies) > 1 and len(set(said)) > 1:
            yield address(place), "各村填得不同"


def _relations(form: FoundForm, sheet: FoundSheet, copies: Sequence[Page]) -> None:
    own = {answer.id: answer for answer in sheet.answers}
    for one in (one for one in form.relations if one.left and set(one.ids) <= set(own)):
        for page in copies:
            values = {i: _number(page.text(*own[i].place)) for i in one.ids}
            given = {i: value for i, value in values.items() if value is not None}
            if not given or (len(given) < len(values) and one.relation != "requires"):
                continue
            holds = _holds(
                one.left, one.relation, one.right, {i: given.get(i, Decimal(0)) for i in values}, one.tolerance
            )
            if holds is not None:
                one.tried, one.held = one.tried + 1, one.held + holds


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(tidy(text)[0].replace(",", ""))
    except InvalidOperation:
        return None


def _holds(left: str, relation: str, right: str, values: dict[str, Decimal], tolerance: str) -> bool | None:
    one, other = _side(left, values), _side(right, values)
    if one is None or other is None:
        return None
    if relation == "requires":
        return not one > 0 or other > 0
    apart = abs(one - other) <= Decimal(tolerance or 0)
    return {
        "==": apart, "!=": not apart, ">=": one >= other, "<=": one <= other, ">": one > other, "<": one < other,
    }[relation]  # fmt: skip


def _side(text: str, values: dict[str, Decimal]) -> Decimal | None:
    """A side's value; None where it divides by nothing."""
    names = {name: f"X{n}" for n, name in enumerate(dict.fromkeys(re.findall(r"\[([^\]]+)\]", text)))}
    written = re.sub(r"\[([^\]]+)\]", lambda m: names[m[1]], text)
    parts = []
    for part in written.split("/"):
        linear = Linear.parse(part.strip())
        total = Decimal(linear.constant)
        for times, code in linear.terms:
            total += times * values[next(name for name, short in names.items() if short == code)]
        parts.append(total)
    if len(parts) == 1:
        return parts[0]
    return parts[0] / parts[1] if parts[1] else None
