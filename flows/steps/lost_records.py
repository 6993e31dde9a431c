"""What the fast reader loses of .xls and .xlsb sheets: errors, formulas without a result, dates out of range.

Both are streams of numbered records; only the few kinds that matter are looked at.
Sources: [MS-XLS] 2.4 Records and [MS-XLSB] 2.4 Records.
"""

import io
import struct
from collections.abc import Iterator
from functools import partial

from flows.steps.guard import MOST_MERGES, MOST_SHEETS, Refused
from flows.steps.lost_cells import Lost, refuse_area

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
_HEAD = struct.Struct("<HH").unpack_from
_CELL = struct.Struct("<HH").unpack_from
_CELL_B = struct.Struct("<II").unpack_from
_DOUBLE = struct.Struct("<d").unpack_from
_LONG = struct.Struct("<I").unpack_from

_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_FORMULA, _BOOLERR, _NUMBER, _RK, _MULRK = 0x0006, 0x0205, 0x0203, 0x027E, 0x00BD
_NULL = 0xFFFFFFFF
_TEXTS = (0x00FD, 0x0204, 0x00D6)  # LabelSst, Label, RString


def lost_in_xls(data: bytes) -> list[Lost]:
    """What every sheet of an old workbook loses, in the order of its sheets. Raises Refused."""
    stream = _workbook_stream(data)
    starts = []
    for kind, at, _ in _records(stream, 0):
        if kind == _FILEPASS:
            raise Refused("FILE_PASSWORD")
        if kind == _BOUNDSHEET:
            starts.append(_LONG(stream, at)[0])
        if kind == _EOF:
            break
    if len(starts) > MOST_SHEETS:
        raise Refused("FILE_SUSPICIOUS", why=f"有 {len(starts)} 张工作表，最多 {MOST_SHEETS} 张")
    return [_xls_sheet(stream, start, number) for number, start in enumerate(starts, start=1)]


def _workbook_stream(data: bytes) -> bytes:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            for name in ("Workbook", "Book"):
                if container.exists(name):
                    return container.openstream(name).read()
    except Exception as error:  # what a broken container makes it raise is not declared
        raise Refused("FILE_DAMAGED", why="旧格式文件的结构读不通") from error
    raise Refused("FILE_DAMAGED", why="旧格式文件里没有工作簿")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, where the body begins, and its length, of every record from there."""
    end = len(stream) - 4
    while at <= end:
        kind, length = _HEAD(stream, at)
        yield kind, at + 4, length
        at += 4 + length


def _xls_sheet(stream: bytes, start: int, number: int) -> Lost:
    lost, depth, last_row, last_column = Lost(), 0, 0, 0
    try:
        for kind, at, length in _records(stream, start):
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    break
            elif depth == 1 and (kind in _XLS_CELLS or kind in _TEXTS):
                row, column = _place(stream, at)
                last_row, last_column = max(row, last_row), max(column, last_column)
                if kind in _XLS_CELLS:
                    _XLS_CELLS[kind](lost, stream, at, length)
    except struct.error:
        raise Refused("FILE_DAMAGED", why="旧格式文件的内容不完整") from None
    refuse_area(last_row, last_column, f"第 {number} 张表")
    return lost


def _place(stream: bytes, at: int) -> tuple[int, int]:
    row, column = _CELL(stream, at)
    return row + 1, column + 1


def _formula(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    result = stream[at + 6 : at + 14]
    if result[6:] != b"\xff\xff":
        lost.blank[_place(stream, at)] = (repr(_DOUBLE(result)[0]), "date")
    elif result[0] == 2:
        lost.always[_place(stream, at)] = (ERRORS.get(result[2], "#"), "error")
    elif result[0] == 3:
        lost.always[_place(stream, at)] = ("=", "formula_without_value")


def _boolean_or_error(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    if stream[at + 7]:
        lost.always[_place(stream, at)] = (ERRORS.get(stream[at + 6], "#"), "error")


def _number(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    lost.blank[_place(stream, at)] = (repr(_DOUBLE(stream, at + 6)[0]), "date")


def _rk(lost: Lost, stream: bytes, at: int, _length: int) -> None:
    lost.blank[_place(stream, at)] = (_rk_number(_LONG(stream, at + 6)[0]), "date")


def _rks(lost: Lost, stream: bytes, at: int, length: int) -> None:
    row, column = _place(stream, at)
    for number in range((length - 6) // 6):
        lost.blank[row, column + number] = (_rk_number(_LONG(stream, at + 6 + 6 * number)[0]), "date")


def _rk_number(rk: int) -> str:
    """A number packed into 30 bits ([MS-XLS] 2.5.217 RkNumber)."""
    number = (rk >> 2) - (1 << 30 if rk >> 31 else 0) if rk & 2 else _DOUBLE(struct.pack("<II", 0, rk & ~3))[0]
    return repr(number / 100 if rk & 1 else number)


_XLS_CELLS = {_FORMULA: _formula, _BOOLERR: _boolean_or_error, _NUMBER: _number, _RK: _rk, _MULRK: _rks}


def lost_in_xlsb(part: bytes, sheet: str) -> Lost:
    """What one binary sheet part loses, with its merged cells, which the fast reader ignores. Raises Refused."""
    lost, row, last_row, last_column = Lost(), 0, 0, 0
    try:
        for kind, at, length in _binary_records(part):
            if kind == 0:  # BrtRowHdr
                row = _LONG(part, at)[0] + 1
            elif kind in _XLSB_FILLED and length >= 9:
                column = _LONG(part, at)[0] + 1
                last_row, last_column = max(row, last_row), max(column, last_column)
                if kind in _XLSB_CELLS:
                    _XLSB_CELLS[kind](lost, part, at, (row, column))
            elif kind == 176:  # BrtMergeCell
                top, bottom, left, right = struct.unpack_from("<IIII", part, at)
                lost.merges.append((top + 1, left + 1, bottom + 1, right + 1))
    except (struct.error, IndexError):
        raise Refused("FILE_DAMAGED", why=f"“{sheet}”的内容不完整") from None
    if len(lost.merges) > MOST_MERGES:
        raise Refused("FILE_SUSPICIOUS", why=f"“{sheet}”有太多合并单元格")
    refuse_area(last_row, last_column, sheet)
    return lost


def bundled_sheets(workbook: bytes) -> list[tuple[str, str]]:
    """Sheet names and relation ids of an .xlsb workbook part, in order ([MS-XLSB] 2.4.304 BrtBundleSh)."""
    sheets = []
    try:
        for kind, at, _ in _binary_records(workbook):
            if kind == 156 and _LONG(workbook, at + 8)[0] != _NULL:
                relation, at = _wide_string(workbook, at + 8)
                name, _ = _wide_string(workbook, at)
                sheets.append((name, relation))
    except (struct.error, IndexError):
        raise Refused("FILE_DAMAGED", why="工作簿部分不完整") from None
    return sheets


def _wide_string(part: bytes, at: int) -> tuple[str, int]:
    length = _LONG(part, at)[0]
    end = at + 4 + 2 * length
    return part[at + 4 : end].decode("utf-16-le", errors="replace"), end


def _binary_records(part: bytes) -> Iterator[tuple[int, int, int]]:
    at, end = 0, len(part)
    while at < end:
        kind, at = part[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (part[at] & 0x7F) << 7, at + 1
        length = shift = 0
        while True:
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:
                break
        yield kind, at, length
        at += length


def _binary_error(lost: Lost, part: bytes, at: int, place: tuple[int, int]) -> None:
    lost.always[place] = (ERRORS.get(part[at + 8], "#"), "error")


def _binary_number(read, lost: Lost, part: bytes, at: int, place: tuple[int, int]) -> None:
    lost.blank[place] = (read(part, at + 8), "date")


_XLSB_FILLED = range(2, 12)
_XLSB_CELLS = {
    2: partial(_binary_number, lambda part, at: _rk_number(_LONG(part, at)[0])),
    3: _binary_error,
    5: partial(_binary_number, lambda part, at: repr(_DOUBLE(part, at)[0])),
    9: partial(_binary_number, lambda part, at: repr(_DOUBLE(part, at)[0])),
    11: _binary_error,
}
