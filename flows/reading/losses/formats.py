"""Number formats that show another figure than is stored: 85% is 0.85 inside, and 3.5万元 may be 35000 or 3.5.

The fast reader says what is stored; the filler sees and means what is shown. Source: ECMA-376 18.8.31, and the
formats that WPS offers for 万元 (`0!.0,"万元"`).
"""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

BUILT_IN = {9: "0%", 10: "0.00%"}
"""The formats of percentages that need no declaration."""
_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")
_TOKEN = re.compile(r'"([^"]*)"|[\\!](.)|(General|G/通用格式|[0#?]+)|(.)', re.DOTALL)
_DATES = re.compile(r"[ymdhsYMDHSeE]")
_SAYS = re.compile(r"[^\W\d_]|[%‰]")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_SHOWN = re.compile(r"-?([0-9,]+(?:\.([0-9]+))?)(.*)", re.DOTALL)
_SHIFTS = {"%": 2, "千": -3, "万": -4, "亿": -8}


class Shown(NamedTuple):
    """How a format shows a number: the decimal point moved so far to the right, and words behind it."""

    shift: int
    words: str

    def text(self, value: str) -> str:
        """`0.85` as `85%`, all figures of it; what is no number as it is."""
        try:
            number = Decimal(f"{Decimal(value):.15g}").scaleb(self.shift)
        except InvalidOperation:
            return value
        text = format(number, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) + self.words


def shown_by(code: str) -> Shown | None:
    """What a number format does to a positive number; None for dates and for formats that add no words.

    A size that is shown without its word (`0,`) is nobody's: the figure stays as it is stored.
    """
    figures, point, literals = 0, None, ""
    shift, tokens = 0, _TOKEN.findall(_ASIDE.sub("", code.partition(";")[0]))
    for quoted, escaped, places, other in tokens:
        if places:
            figures, literals, shift = figures + len(places), "", shift if "%" in literals else 0
        elif other == "%":
            literals += other
        elif other == "," and not literals:
            shift -= 3
        elif "." in (quoted, escaped) and figures:
            point = figures
        elif other and _DATES.match(other):
            return None
        else:
            literals += quoted or escaped or (other if other not in ".," else "")
    words = literals.strip() if figures and _SAYS.search(literals) else ""
    shift += (2 if "%" in words else 0) - (figures - point if point is not None else 0)
    return Shown(shift, words) if words else None


@lru_cache(8)
def styles_shown(styles: bytes) -> dict[str, Shown]:
    """By number, the cell styles of a workbook's part of styles that show another figure than is stored.

    Remembered, for forms share that part.
    """
    codes = {str(number): code for number, code in BUILT_IN.items()}
    for element in _FORMAT.findall(styles):
        codes[_attribute(element, "numFmtId")] = _attribute(element, "formatCode").replace("&quot;", '"')
    formats = {number: shown for number, code in codes.items() if (shown := shown_by(code))}
    section = _CELL_STYLES.search(styles)
    used = [_attribute(one, "numFmtId") for one in _STYLE.findall(section[0])] if section else []
    return {str(number): formats[one] for number, one in enumerate(used) if one in formats}


def as_shown(value: str, shown: str) -> str | None:
    """A stored number in full, in the size and with the words in which it is shown; None where it is shown as it is."""
    match = _SHOWN.fullmatch(shown.strip())
    words = match[3].strip() if match else ""
    if not match or not _SAYS.search(words):
        return None
    half = Decimal(1).scaleb(-len(match[2] or "")) / 2
    figure, number = Decimal(match[1].replace(",", "")), abs(Decimal(value))
    shifts = (_SHIFTS.get(words[0], 0),) if "%" in words else (0, _SHIFTS.get(words[0], 0))
    fitting = [shift for shift in shifts if abs(number.scaleb(shift) - figure) <= half]
    return Shown(fitting[0], words).text(value) if fitting else None


def _attribute(element: bytes, name: str) -> str:
    found = re.search(rf"\b{name}=(?:\"([^\"]*)\"|'([^']*)')".encode(), element)
    return (found[1] or found[2] or b"").decode("utf-8", "replace") if found else ""
