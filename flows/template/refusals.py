"""Why a template is refused, whatever the figures are: one rule for whoever prints it and whoever checks it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from flows.template.audit import Constants, audit
from flows.template.blanks import marks
from flows.template.charts import asked
from flows.template.compose import Line, Problem, compose
from flows.template.filling import CHANGE, GROWTH, PLANNED, REACHED, Filled, Wish, target_of
from flows.template.slots import COUNTED, Part, SlotError, meaning, parse, problem_of, text_of, word_of_year
from schemas.catalogue import Catalogue
from schemas.records import Indicator, Text
from schemas.supplements import Own
from schemas.township import Settings

_SOME, _ONE = "某", "1"
_NEAR = 10
"""Characters shown on either side of a blank, enough to find it by; nothing was measured."""
Fill = Callable[[Part], Filled]


@dataclass(frozen=True)
class Ground:
    """What slots may name and wording may say: the catalogue, the township's own, its settings, declared constants."""

    catalogue: Catalogue
    own: Own
    settings: Settings
    constants: Constants
    year: int


class _Draft(Line):
    """A line whose words are told as the template has them."""

    __slots__ = ()

    def near(self, offset: int) -> str:
        """Some of the template's words around an offset of the finished text."""
        passed, at = 0, 0
        for piece in self.pieces:
            if passed + len(piece.text) > offset:
                at = piece.start + (0 if piece.part else offset - passed)
                break
            passed += len(piece.text)
        start, end = max(0, at - 8), at + 12
        return ("…" if start else "") + self.template[start:end] + ("…" if end < len(self.template) else "")


def refusals(paragraphs: Sequence[str], underlined: Sequence[tuple[tuple[int, int], ...]], on: Ground) -> list[Problem]:
    """Everything wrong with one part of a template, in order, each once.

    A passage under a condition is judged both with and without it: what is refused does not hang on the figures.
    """
    found: dict[tuple[int, str], Problem] = {}
    stands_in = cache(lambda part: stand_in(part, on))
    for first, block in _blocks(paragraphs):
        conditions = range(len(_conditions(block)))
        for failing in dict.fromkeys(((), tuple(conditions), *((one,) for one in conditions))):
            for problem in _judged(block, on.constants, _stand_ins(stands_in, failing)):
                placed = Problem(problem.paragraph + first, problem.words, problem.what)
                found.setdefault((placed.paragraph, placed.what), placed)
    for number, text in enumerate(paragraphs, start=1):
        for mark in marks(text, underlined[number - 1] if underlined else ()):
            words = text[max(0, mark.start - _NEAR) : mark.end + _NEAR]
            found[number, words] = Problem(number, words, "还是空白，没有写成 {{名称}}")
        if problem := _beside_a_picture(number, text):
            found[number, problem.what] = problem
    return sorted(found.values(), key=lambda problem: problem.paragraph)


def _beside_a_picture(number: int, text: str) -> Problem | None:
    """A picture has its paragraph to itself, but for the condition it stands under."""
    parts = parse(text)
    drawn = [part for part in parts if part.kind == "slot" and asked(part.name, part.modifiers)]
    said = [part for part in parts if part.kind in ("text", "slot") and part.raw.strip()]
    if drawn and len(said) > 1:
        return Problem(number, drawn[0].raw, "图要单独占一段，前后不能有别的字")
    return None


def _judged(block: Sequence[str], constants: Constants, fill: Fill) -> list[Problem]:
    done = compose(block, fill)
    refused, _ = audit((_Draft(line.number, line.template, line.pieces, line.kept) for line in done.lines), constants)
    return [*done.problems, *refused]


def _blocks(paragraphs: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Paragraphs with as many conditions opened as closed, mostly one; with how many stand before them."""
    first, open_ones, block = 0, 0, list[str]()
    for number, text in enumerate(paragraphs):
        block.append(text)
        open_ones = max(0, open_ones + sum({"if": 1, "end": -1}.get(part.kind, 0) for part in parse(text)))
        if not open_ones:
            yield first, block
            first, block = number + 1, []
    if block:
        yield first, block


def _conditions(block: Sequence[str]) -> list[Part]:
    return [part for text in block for part in parse(text) if part.kind == "if"]


def _stand_ins(stands_in: Fill, failing: Collection[int]) -> Fill:
    """What slots would print, as far as that is known: their own words, a figure's unit; conditions fail as told."""
    met = iter(range(1 << 30))

    def fill(part: Part) -> Filled:
        filled = stands_in(part)
        if part.kind != "if":
            return filled
        return Filled(filled.text, empty=next(met) in failing, unit=filled.unit)

    return fill


def stand_in(part: Part, on: Ground) -> Filled:
    """A slot's text as far as no figure is needed. Raises SlotError where it names nothing."""
    if problem := problem_of(part, on.catalogue, on.own):
        raise SlotError(problem)
    if asked(part.name, part.modifiers):
        return Filled(_SOME)
    meant, wish = meaning(part.name, on.catalogue, on.own), Wish.of(part.modifiers)
    if isinstance(meant, Text):
        return Filled(on.own.texts.get(meant.key) or text_of(meant, on.settings) or _SOME)
    if isinstance(meant, str):
        return Filled(word_of_year(meant, on.year, on.settings))
    assert meant is not None, "problem_of lets no such slot through"
    unit = wish.unit or (meant.printed_in if isinstance(meant, Indicator) else meant.unit)
    if isinstance(meant, Indicator) and wish.mode == PLANNED and (target := target_of(meant, on.catalogue)):
        unit = wish.unit or target.unit
    if wish.counted or wish.share_of:
        return Filled(_ONE, unit=COUNTED if wish.counted else "%", above=True)
    if wish.mode == GROWTH or (isinstance(meant, Indicator) and meant.is_text):
        return Filled(_SOME)
    if wish.mode == CHANGE:
        return Filled(f"增加{_ONE}{unit}", trailing=unit)
    return Filled(_ONE, unit="%" if wish.mode == REACHED else unit, above=True)
