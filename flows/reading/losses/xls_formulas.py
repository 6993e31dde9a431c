"""Formulas of .xls whose stored 0 may stand for a text: LibreOffice saves so what it did not calculate itself.

Seen with LibreOffice 7.4: `="1"` opened from a file that holds its result and saved as .xls holds a 0, as do
=IF(1>0,"1","0") and =A1&"". What may yield a text is told by the last part of the formula, or of the branches of its
IF. Source: [MS-XLS] 2.5.198 Formulas.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_TEXT, _ATTRIBUTE, _CONCATENATE, _PAREN = 0x17, 0x19, 0x08, 0x15
_FUNCTION, _FUNCTION_OF_MANY, _REFERENCE = 0x21, 0x22, 0x24
_GOTO, _CHOOSE, _SUM = 0x08, 0x04, 0x10
_BRANCHING = {1, 100}
"""IF and CHOOSE."""
_OF_TEXT = {13, 14, 30, 31, 48, 111, 112, 113, 114, 115, 116, 118, 119, 120, 130, 162, 205, 219, 336}
"""DOLLAR FIXED REPT MID TEXT CHAR LOWER UPPER PROPER LEFT RIGHT TRIM REPLACE SUBSTITUTE T CLEAN SUBSTITUTEB ADDRESS
CONCATENATE."""
_LENGTHS = {
    0x01: 4, 0x02: 4, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8, 0x20: 7, 0x21: 2, 0x22: 3, 0x23: 4, 0x24: 4, 0x25: 8,
    0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2A: 4, 0x2B: 8, 0x2C: 4, 0x2D: 8, 0x39: 6, 0x3A: 6, 0x3B: 10, 0x3C: 6,
    0x3D: 10,
}  # fmt: skip


class Doubt(NamedTuple):
    """Why a stored 0 may be no 0: the formula may yield a text, or what one of these cells of its sheet holds."""

    text: bool
    cells: frozenset[tuple[int, int]]


def doubt_of(record: bytes) -> Doubt | None:
    """The doubt about a FORMULA record, if there is one."""
    if record[6:14] != bytes(8):
        return None
    try:
        ends = list(_ends(record[22 : 22 + struct.unpack_from("<H", record, 20)[0]]))
    except (struct.error, IndexError):  # whatever wrote that, it was not LibreOffice
        return None
    cells = frozenset(cell for _, cell in ends if cell)
    text = any(text for text, _ in ends)
    return Doubt(text, cells) if text or cells else None


def _ends(code: bytes) -> Iterator[tuple[bool, tuple[int, int] | None]]:
    """Of every part that may be the result: whether it is a text, and the cell it takes, if it takes one."""
    last, branches = (False, None), []
    at, branching = 0, False
    while at < len(code):
        token = code[at] if code[at] < 0x20 else (code[at] & 0x1F) | 0x20
        body, length = at + 1, _LENGTHS.get(token, 0)
        if token == _TEXT:
            length = 2 + code[body] * (1 + (code[body + 1] & 1))
        elif token == _ATTRIBUTE:
            length = 3 + (2 * (struct.unpack_from("<H", code, body + 1)[0] + 1) if code[body] & _CHOOSE else 0)
            if code[body] & _SUM:
                last, branching = (False, None), False
            if code[body] & _GOTO:
                branches.append(last)
        if token not in (_ATTRIBUTE, _PAREN):
            function = struct.unpack_from("<H", code, body + (token == _FUNCTION_OF_MANY))[0] & 0x7FFF if token in (
                _FUNCTION, _FUNCTION_OF_MANY) else 0  # fmt: skip
            branching = function in _BRANCHING
            row, column = struct.unpack_from("<HH", code, body) if token == _REFERENCE else (0, 0)
            cell = (row + 1, (column & 0xFF) + 1) if token == _REFERENCE else None
            last = (token in (_TEXT, _CONCATENATE) or function in _OF_TEXT, cell)
        at = body + length
    yield from branches if branching else [last]
