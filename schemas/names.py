"""Names and printed codes as they are compared: what people add to them, or spreadsheets take away, is left out."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

LONGEST = 200
"""Characters of a cell that can still be a code, a head or a label; longer cells are prose."""
_INVISIBLE = re.compile("[\\s\u200b-\u200d\u2060\ufeff]+")
_LEADING = re.compile(r"^[\W\d_]*(其中)?\W*")
_BRACKETED = re.compile(r"[(\[（【].*$")
_FIGURE = re.compile(r"\d+(\.\d+)?")


def plain(text: str) -> str:
    """Text as compared: half-width, without any space or line break."""
    return _plain(text) if len(text) <= LONGEST else _plain.__wrapped__(text)


@lru_cache(1 << 14)
def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def bare_name(text: str) -> str:
    """An indicator's or column's name without 其中, numbering, marks and a bracketed unit; prose is no name."""
    return _bare_name(text) if len(text) <= LONGEST else ""


@lru_cache(1 << 13)
def _bare_name(text: str) -> str:
    return unbracketed(_LEADING.sub("", plain(text)))


def unbracketed(text: str) -> str:
    """A name as compared without what its brackets say."""
    return _BRACKETED.sub("", plain(text)).strip("：:*#")


@lru_cache(1 << 13)
def code_key(printed: str) -> str:
    """A printed code as compared: a spreadsheet that takes it for a number makes 1 of 01 and 1.1 of 1.10."""
    short = plain(printed).upper()
    return f"{Decimal(short).normalize():f}" if short.isascii() and _FIGURE.fullmatch(short) else short


def is_figure(key: str) -> bool:
    """Whether a code could be any number that stands in a table."""
    return key.isascii() and bool(_FIGURE.fullmatch(key))
