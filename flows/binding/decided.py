"""What the clerk decided of a place in the review list, and what is written there for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flows.binding.bound import Blank
from flows.binding.slot_text import UNSURE
from flows.template.slots import meaning, parse, problem_of
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.supplements import Own, Supplement
from schemas.township import UNSPEAKABLE

ACCEPT, OTHER, OWN, FIXED, LEAVE = DECISIONS = ("采用", "改为", "补充数", "固定文字", "不动")
"""Take the proposal; take another name; the clerk's own figure; words that stay and are declared; nothing decided."""
_PROSE, _STOPS = 4, "，。；、：（）{}【】 \t0123456789０１２３４５６７８９"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row's decision and, for 改为 and 补充数, the name or slot that goes with it."""

    word: str
    name: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A place as it is written: its slot (None: the words stay), the clerk's own figure it names, words to declare."""

    blank: Blank
    slot: str | None
    supplement: Supplement | None = None
    prose: str = ""


def proposed(blank: Blank) -> str:
    """What stands in the decision column before anybody decides; '' where a clerk must."""
    if blank.kind == "own":
        return OWN
    if blank.kind == "fixed":
        return LEAVE if blank.feed else FIXED
    return ACCEPT if blank.sure else ""


def decided(
    blank: Blank, decision: Decision | None, catalogue: Catalogue, supplements: Mapping[int, Supplement]
) -> Decided:
    """What becomes of a place; undecided, what binding proposes. Raises InputError for a name that names nothing."""
    word = decision.word if decision and decision.word else proposed(blank)
    given = supplements.get(blank.number)
    match word:
        case "采用" if blank.feed or blank.kind in ("year", "own"):
            slot = blank.slot.replace(f"{{{{{UNSURE}", "{{")
            return Decided(replace(blank, slot=slot, sure=True), slot, given)
        case "改为" if decision:
            slot = _slot(decision, catalogue)
            return Decided(replace(blank, slot=slot, name=decision.name, sure=True), slot)
        case "补充数":
            return _own(blank, decision, given)
        case "固定文字":
            return Decided(replace(blank, sure=True), None, prose=_words_around(blank))
        case "不动" | "采用":
            return Decided(blank, None)
    return Decided(blank, blank.slot)


def _own(blank: Blank, decision: Decision | None, given: Supplement | None) -> Decided:
    name = (decision.name if decision else "") or blank.name
    if not name or set(name) & UNSPEAKABLE:
        raise InputError(f"第 {decision.row if decision else 0} 行：补充数要有名称，写在“改为”一栏，不含 {{ }} | ？")
    slot = f"{{{{{name}}}}}"
    given = replace(given, name=name) if given else Supplement(name, where=blank.context)
    return Decided(replace(blank, slot=slot, name=name, kind="own", sure=True), slot, given)


def _slot(decision: Decision, catalogue: Catalogue) -> str:
    written = decision.name.strip()
    slot = written if written.startswith("{{") else f"{{{{{written}}}}}"
    parts = parse(slot)
    if len(parts) != 1 or parts[0].kind != "slot":
        raise InputError(f"第 {decision.row} 行：“{written}”不是名称，也不是一个槽位")
    if problem := problem_of(parts[0], catalogue, Own()):
        raise InputError(f"第 {decision.row} 行：{problem}")
    assert meaning(parts[0].name, catalogue) is not None, "problem_of lets no such slot through"
    return slot


def _words_around(blank: Blank) -> str:
    """The words to declare as prose: the number and what stands right behind it, the smallest that says what it is."""
    before, _, rest = blank.context.partition("【")
    inside, _, behind = rest.partition("】")
    following = behind[:_PROSE]
    cut = next((at for at, character in enumerate(following) if character in _STOPS), len(following))
    return inside + following[:cut] if following[:cut] else before[-2:] + inside
