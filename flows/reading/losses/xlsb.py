"""What the fast reader loses of .xlsb sheets: errors, dates out of range, formats, merged cells.

They are parts of numbered records; only the few kinds that matter are looked at. Source: [MS-XLSB] 2.4 Records.
"""

import struct
from collections.abc import Mapping, Sequence
from functools import partial

from flows.reading.guard import MOST_MERGES, Refused
from flows.reading.losses.formats import Styles, styles_of
from flows.reading.losses.lost import Lost, refuse_area
from flows.reading.losses.numbered import binary_records
from flows.reading.losses.runs import Look, Run, cut
from flows.reading.losses.xls import ERRORS, as_shown_by, look, rk_number

_DOUBLE = struct.Struct("<d").unpack_from
_LONG = struct.Struct("<I").unpack_from
_SHORT = struct.Struct("<H").unpack_from
_NULL = 0xFFFFFFFF
_FONT, _FORMAT, _STYLE, _CELL_STYLES, _CELL_STYLES_END = 43, 44, 47, 617, 618
_SHARED, _ITEM = 7, 19


def lost_in_xlsb(part: bytes, sheet: str, styles: Styles, texts: Mapping[int, Sequence[Run]]) -> Lost:
    """What one binary sheet part loses, with its merged cells, which the fast reader ignores. Raises Refused."""
    lost, row, last_row, last_column = Lost(), 0, 0, 0
    try:
        for kind, at, length in binary_records(part):
            if kind == 0:  # BrtRowHdr
                row = _LONG(part, at)[0] + 1
            elif kind in _XLSB_FILLED and length >= 9:
                column = _LONG(part, at)[0] + 1
                last_row, last_column = max(row, last_row), max(column, last_column)
                if kind in _XLSB_CELLS:
                    _XLSB_CELLS[kind](lost, part, at, (row, column))
                runs = texts.get(_LONG(part, at + 8)[0], ()) if kind == _SHARED else ()
                as_shown_by(lost, (row, column), _LONG(part, at + 4)[0] & 0xFFFFFF, styles, runs, kind in _XLSB_TEXTS)
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
        for kind, at, _ in binary_records(workbook):
            if kind == 156 and _LONG(workbook, at + 8)[0] != _NULL:
                relation, at = _wide_string(workbook, at + 8)
                name, _ = _wide_string(workbook, at)
                sheets.append((name, relation))
    except (struct.error, IndexError):
        raise Refused("FILE_DAMAGED", why="工作簿部分不完整") from None
    return sheets


def binary_fonts(styles: bytes) -> list[Look]:
    """What of each font may change what a text says ([MS-XLSB] 2.4.149 BrtFont)."""
    try:
        fonts = (at for kind, at, _ in binary_records(styles) if kind == _FONT)
        return [look(_SHORT(styles, at + 2)[0], _SHORT(styles, at + 6)[0]) for at in fonts]
    except (struct.error, IndexError):
        raise Refused("FILE_DAMAGED", why="样式部分不完整") from None


def binary_texts(shared: bytes, fonts: Sequence[Look]) -> dict[int, list[Run]]:
    """By number, the shared texts of several runs, where any font is struck out or raised ([MS-XLSB] BrtSSTItem)."""
    found: dict[int, list[Run]] = {}
    if not any(any(font) for font in fonts):
        return found
    try:
        items = (at for kind, at, _ in binary_records(shared) if kind == _ITEM)
        for number, at in enumerate(items):
            if shared[at] & 1:
                text, end = _wide_string(shared, at + 1)
                count = min(_LONG(shared, end)[0], len(text) + 1)
                starts = [struct.unpack_from("<HH", shared, end + 4 + 4 * n) for n in range(count)]
                found[number] = cut(text, starts, lambda font: fonts[font] if font < len(fonts) else Look())
    except (struct.error, IndexError):
        raise Refused("FILE_DAMAGED", why="文字表不完整") from None
    return found


def binary_styles(styles: bytes, fonts: Sequence[Look]) -> Styles:
    """The cell styles that show something else than is stored ([MS-XLSB] BrtFmt and BrtXF)."""
    formats, used, inside = {}, [], False
    struck = {number for number, font in enumerate(fonts) if font.struck}
    try:
        for kind, at, _ in binary_records(styles):
            if kind == _FORMAT:
                formats[_SHORT(styles, at)[0]] = _wide_string(styles, at + 2)[0]
            elif kind in (_CELL_STYLES, _CELL_STYLES_END):
                inside = kind == _CELL_STYLES
            elif kind == _STYLE and inside:
                used.append((_SHORT(styles, at + 2)[0], _SHORT(styles, at + 4)[0] in struck))
    except (struct.error, IndexError):
        raise Refused("FILE_DAMAGED", why="样式部分不完整") from None
    return styles_of(iter(used), formats)


def _wide_string(part: bytes, at: int) -> tuple[str, int]:
    length = _LONG(part, at)[0]
    end = at + 4 + 2 * length
    return part[at + 4 : end].decode("utf-16-le", errors="replace"), end


def _binary_error(lost: Lost, part: bytes, at: int, place: tuple[int, int]) -> None:
    lost.always[place] = (ERRORS.get(part[at + 8], "#"), "error")


def _binary_number(read, lost: Lost, part: bytes, at: int, place: tuple[int, int]) -> None:
    lost.blank[place] = (read(part, at + 8), "date")


_XLSB_FILLED = range(2, 12)
_XLSB_TEXTS = (6, 7, 8)
_XLSB_CELLS = {
    2: partial(_binary_number, lambda part, at: rk_number(_LONG(part, at)[0])),
    3: _binary_error,
    5: partial(_binary_number, lambda part, at: repr(_DOUBLE(part, at)[0])),
    9: partial(_binary_number, lambda part, at: repr(_DOUBLE(part, at)[0])),
    11: _binary_error,
}
