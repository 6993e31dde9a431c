"""The inner codes of a form's answers and lists: what they had, their own where that is free, else a letter's."""

import re
from collections.abc import Iterable, Iterator, Mapping

from flows.adopt.found import Answer, FoundSheet
from flows.adopt.pages import Place
from schemas.adopted import AdoptedForm
from schemas.catalogue import Catalogue


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


def taken_in(before: Catalogue | None) -> Iterator[str]:
    """The codes that a catalogue has, of indicators, lists and columns."""
    if before is None:
        return
    yield from before.indicators
    for line_list in before.lists.values():
        yield line_list.code
        yield from line_list.by_code


def wanted_codes(answer: Answer, prefix: str, number: int, inner: Mapping[str, str]) -> list[str]:
    """Codes to try, best first."""
    if answer.last_code:
        return [answer.last_code]
    if answer.period_of:
        base = inner[answer.period_of]
        return [f"{base}P{n}" for n in range(2, 30)]
    code = re.sub(r"[^0-9A-Z]", "X", answer.code.upper()) if re.fullmatch(r"[0-9A-Za-z.\-]+", answer.code) else ""
    own = [code] if re.fullmatch(r"[A-Z]+\d+", code) else []
    return [*own, *([f"{prefix}{code}"] if code and not own else []), f"{prefix}{number:03d}"]


def wanted_list_codes(codes: Codes, sheet: FoundSheet, n: int, prefix: str) -> list[str]:
    """Codes to try for a sheet's list, best first: its former one, what all its columns' codes begin with."""
    old = codes.lists.get((sheet.name, sheet.blocks[n].first_row), "")
    printed = {re.sub(r"\d{2}$", "", a.code) for a in sheet.blocks[n].answers if re.fullmatch(r"[A-Z]\d{3,}", a.code)}
    own = [one for one in printed if len(printed) == 1]
    return [*([old] if old else []), *own, f"{prefix}L{n + 1}"]
