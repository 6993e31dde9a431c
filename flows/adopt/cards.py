"""Cards without heads: pairs of a label and an empty cell at its right, several in a row."""

from flows.adopt import words
from flows.adopt.answer_types import settle_type
from flows.adopt.cell_states import BLANK, FORMULA, TICKS, state
from flows.adopt.choices import choices_of, items, without_choices
from flows.adopt.foot import whose
from flows.adopt.found import INFERRED, PRINTED, Answer, Block, Evidence, address
from flows.adopt.pages import Page, Place
from flows.adopt.tables import FOOT
from schemas.adopted import Label

FEWEST = 4
"""Pairs below which a page is no card: a cover with a name and a date has fewer."""


def card_block(page: Page, number: int) -> Block | None:
    """The answers of a card, or None where the page is none."""
    found: list[Answer] = []
    section: tuple[str, ...] = ()
    for row in page.rows():
        texts = page.row_texts(row)
        if texts and FOOT.match(words.plain(texts[0][1])):
            break
        pairs = [(place, text, right) for place, text in texts if (right := _answer_at(page, place, text))]
        pairs = [pair for pair in pairs if whose(pair[1]) not in ("unit_name", "unit_code", "year")]
        if len(texts) == 1 and not pairs and page.at(*texts[0][0]).boxed:
            section = (words.tidied(words.numbered(texts[0][1])[1]),)
        found += [_answer(page, number, place, text, right, section) for place, text, right in pairs]
    if sum(not whose(answer.row_labels[0].text) for answer in found) < FEWEST:
        return None
    rows = [answer.place[0] for answer in found]
    return Block(
        orientation="vertical", head_rows=(rows[0], rows[0]), head_columns=(1, max(a.place[1] for a in found)),
        first_row=rows[0], last_row=rows[-1], answers=found, evidence=Evidence(INFERRED, "没有表头，一个标签一个空格"),
    )  # fmt: skip


def _answer_at(page: Page, place: Place, text: str) -> Place | None:
    """The empty boxed cell at the right of a boxed label."""
    right = (place[0], page.span(*place)[3] + 1)
    if not page.at(*place).boxed or not page.at(*right).boxed or page.origin(*right) != right or len(text) > 40:
        return None
    return right if state(page, *right) in (BLANK, TICKS, FORMULA) else None


def _answer(page: Page, number: int, place: Place, text: str, right: Place, section: tuple[str, ...]) -> Answer:
    raw, offered = without_choices(text.replace("\n", ""))
    name, unit, places = words.bracketed_unit(raw)
    span = page.span(*right)
    answer = Answer(
        id=f"{number}.{address(right)}", place=right, merge=span[2:] if span[2:] != right else None, section=section,
        name=words.tidied(words.of_which(words.numbered(name)[1])[1]), unit=unit,
        holds=page.at(*right).formula or page.text(*right), row_labels=(Label(kind="name", text=text, place=place),),
    )  # fmt: skip
    for key in ("place", "name"):
        answer.note_evidence(key, PRINTED)
    rule = page.validations.get(right)
    offered = items(rule.choices) if rule and len(rule.choices) > 1 else offered or choices_of(page.text(*right))
    if offered:
        answer.choose_from(offered)
        return answer
    if unit:
        answer.note_evidence("unit", PRINTED, "名称后的括号")
    settle_type(answer, rule.kind if rule else "", places, page.at(*right).places)
    return answer
