"""The clerk's own figures of a finished report: named by the words beside them, their first value the report's own."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from flows.binding.score import GENERIC
from flows.binding.surroundings import BREAKS, Spot
from flows.template.refusals import Ground
from flows.template.supplements import COPIED
from schemas.supplements import Supplement

_LONGEST = 14


def name_of(spot: Spot, unit: str, taken: Iterable[str], ground: Ground) -> str:
    """A name for a figure that no indicator is: the words right before it, told apart from those already given.

    One that is an indicator only in later years, this very figure perhaps, is free.
    """
    catalogue = ground.catalogue
    now = [item for item in catalogue.indicators.values() if item.in_force(ground.year)]
    known = {*taken, *(item.name for item in now), *(item.code for item in now), *catalogue.texts, *catalogue.targets}
    stem = _words(spot) or "补充数"
    counted = "数" if stem.endswith(unit) else unit
    for number in range(1, 1000):
        name = f"{stem}{counted}{number if number > 1 else ''}"
        if name not in known:
            return name
    raise AssertionError("a report has fewer figures than that")


def _words(spot: Spot) -> str:
    """What stands in the number's own clause before it, or else in the nearest words with something to say."""
    for text in (spot.left, spot.right, *(text for text, _ in spot.stretches)):
        pieces = BREAKS.split(text)
        for piece in reversed(pieces) if spot.left.strip() or spot.right.strip() else pieces:
            plain = "".join(character for character in piece if "\u4e00" <= character <= "\u9fff")
            if GENERIC.sub("", plain):
                return re.sub(r"^(?:全镇|全乡|全年|今年|年内|共|累计|其中)+", "", plain)[-_LONGEST:]
    return ""


def from_report(name: str, unit: str, value: Decimal, report: Path, paragraph: int, words: str) -> Supplement:
    """A figure as last year's finished report has it: that is its source."""
    source, today = f"《{report.name}》第 {paragraph} 段", date.today().isoformat()
    return Supplement(name, unit, value, "", source, COPIED, today, where=words)
