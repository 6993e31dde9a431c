"""What the clerk decided of a place in the review list, and what is written there for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flows.binding.bound import Blank, Candidate, Promoting
from flows.binding.slot_text import UNSURE
from flows.binding.written import prose_at
from flows.template.charts import HEAD, asked
from flows.template.slots import meaning, names, parse, problem_of
from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.supplements import NOTHING, Own, Supplement
from schemas.township import UNSPEAKABLE

ACCEPT, SECOND, THIRD, OTHER, OWN, PROMOTE, FIXED, LEAVE = DECISIONS = (
    "采用", "备选一", "备选二", "改为", "补充数", "转为指标", "固定文字", "不动",
)  # fmt: skip
"""Take the proposal, or one of those beside it; take another name; the clerk's own figure; one that units report from
now on; words that stay and are declared; nothing decided.
"""
_LISTED = 8
"""Names that a line of the terminal lists."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One row's decision and the name or slot that goes with it; of 转为指标, the area and who reports it."""

    word: str
    name: str = ""
    row: int = 0
    area: str = ""
    reporter: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A place as it is written: its slot (None: the words stay), the clerk's own figure it names, words to declare."""

    blank: Blank
    slot: str | None
    supplement: Supplement | None = None
    prose: str = ""
    promoting: Promoting | None = None


def proposed(blank: Blank) -> str:
    """What stands in the decision column before anybody decides; '' where a clerk must."""
    if blank.kind == "own":
        return OWN
    if blank.kind == "fixed":
        return LEAVE if blank.feed else FIXED
    return ACCEPT if blank.sure else ""


def decided(
    blank: Blank, decision: Decision | None, catalogue: Catalogue, supplements: Mapping[int, Supplement],
    own: Own = NOTHING,
) -> Decided:  # fmt: skip
    """What becomes of a place; undecided, what binding proposes. Raises InputError for a name that names nothing."""
    word = decision.word if decision and decision.word else proposed(blank)
    given = supplements.get(blank.number)
    match word:
        case "采用" if blank.feed or blank.kind in ("year", "own"):
            slot = blank.slot.replace(f"{{{{{UNSURE}", "{{")
            return Decided(replace(blank, slot=slot, sure=True), slot, given)
        case "备选一" | "备选二" if decision:
            other = _other(blank, decision)
            return Decided(replace(blank, slot=other.slot, name=other.name, feed=other.feed, sure=True), other.slot)
        case "改为" if decision:
            slot = _slot(decision, catalogue, own, drawn=blank.kind == "picture")
            return Decided(replace(blank, slot=slot, name=decision.name, sure=True), slot)
        case "补充数":
            return _own(blank, decision, given)
        case "转为指标" if decision:
            done = _own(blank, decision, given)
            assert done.supplement is not None
            figure = done.supplement
            told = Promoting(figure.name, figure.unit or blank.unit, decision.area, decision.reporter, decision.row)
            return replace(done, promoting=told)
        case "固定文字":
            return Decided(replace(blank, sure=True), None, prose=_words_around(blank) if blank.was else "")
        case "不动" | "采用":
            return Decided(blank, None)
    return Decided(blank, blank.slot)


def _own(blank: Blank, decision: Decision | None, given: Supplement | None) -> Decided:
    name = (decision.name if decision else "") or blank.name
    if not name or set(name) & UNSPEAKABLE:
        raise InputError(f"第 {decision.row if decision else 0} 行：补充数要有名称，写在“改为”一栏，不含 {{ }} | ？")
    slot = f"{{{{{name}}}}}"
    given = replace(given, name=name) if given else Supplement(name, blank.unit, where=blank.context)
    return Decided(replace(blank, slot=slot, name=name, kind="own", sure=True), slot, given)


def _other(blank: Blank, decision: Decision) -> Candidate:
    at = (SECOND, THIRD).index(decision.word)
    if at >= len(blank.candidates):
        raise InputError(f"第 {decision.row} 行：这一处没有{decision.word}，请用“{OTHER}”")
    return blank.candidates[at]


def _slot(decision: Decision, catalogue: Catalogue, own: Own, drawn: bool) -> str:
    """The slot that is written, or that of the name; where a picture stands, a name alone is drawn."""
    written = decision.name.strip()
    if written.startswith("{{"):
        slot = written
    else:
        name = _searched(written, decision.row, catalogue, own)
        slot = f"{{{{{HEAD}{name}}}}}" if drawn and not asked(name, ()) else f"{{{{{name}}}}}"
    parts = parse(slot)
    if len(parts) != 1 or parts[0].kind != "slot":
        raise InputError(f"第 {decision.row} 行：“{written}”不是名称，也不是一个槽位")
    if problem := problem_of(parts[0], catalogue, own):
        raise InputError(f"第 {decision.row} 行：{problem}")
    return slot


def _searched(written: str, row: int, catalogue: Catalogue, own: Own) -> str:
    """The name meant by some of its words, modifiers aside; what several names say is asked about."""
    name, bar, modifiers = written.partition("|")
    if meaning(name.strip(), catalogue, own) is not None:
        return written
    found = [each for each in names(catalogue, own) if all(word in each for word in name.split())]
    if len(found) > 1:
        listed = "、".join(found[:_LISTED]) + ("……" if len(found) > _LISTED else "")
        raise InputError(f"第 {row} 行：含“{name}”的名称有 {len(found)} 个，请写全：{listed}")
    return f"{found[0]}{bar}{modifiers}" if found else written


def _words_around(blank: Blank) -> str:
    """The words to declare as prose, as the place's context has them."""
    before, _, rest = blank.context.partition("【")
    inside, _, behind = rest.partition("】")
    return prose_at(before + inside + behind, len(before), len(before + inside))
