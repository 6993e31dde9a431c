"""Percentages: 85% typed into a cell is stored as 0.85 and a format; the fast reader says 0.85, here is what shows."""

import re
from decimal import Decimal, InvalidOperation

BUILT_IN = (9, 10)
"""Numbers of the formats 0% and 0.00%."""
_ASIDE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b[^>]*>")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")


def percent(value: str) -> str:
    """`0.85` as `85%`; anything that is no number as it is."""
    try:
        number = Decimal(value) * 100
    except InvalidOperation:
        return value
    text = format(Decimal(f"{number:.15g}"), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def is_percent(code: str) -> bool:
    """Whether a number format shows hundredths: a % that is no quoted or escaped text."""
    return "%" in _ASIDE.sub("", code)


def percent_styles(styles: bytes) -> frozenset[str]:
    """The numbers of the cell styles that show percentages, of a workbook's part of styles (ECMA-376 18.8.30)."""
    formats = set(map(str, BUILT_IN))
    for element in _FORMAT.findall(styles) if b"%" in styles else ():
        if is_percent(_attribute(element, "formatCode").replace("&quot;", '"')):
            formats.add(_attribute(element, "numFmtId"))
    section = _CELL_STYLES.search(styles)
    ones = enumerate(_STYLE.findall(section[0])) if section else ()
    return frozenset(str(number) for number, one in ones if _attribute(one, "numFmtId") in formats)


def _attribute(element: bytes, name: str) -> str:
    found = re.search(rf"\b{name}=(?:\"([^\"]*)\"|'([^']*)')".encode(), element)
    return (found[1] or found[2] or b"").decode("utf-8", "replace") if found else ""
