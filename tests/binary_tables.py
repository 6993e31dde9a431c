"""The smallest .xlsb that a reader accepts, from the same text tables; no library at hand writes the format."""

import io
import struct
import zipfile

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}
Styles = dict[tuple[str, bool], int]
"""By format and by whether it is struck out, the number of a style."""
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def binary(book: Workbook) -> bytes:
    """The cells and merged cells of an open workbook as .xlsb ([MS-XLSB] 2.1.7.61 and 2.1.7.62)."""
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.bin": record(0x83) + record(0x8F) + b"".join(map(_bundle, book)) + record(0x90) + record(0x84),
        "xl/_rels/workbook.bin.rels": _relations(book),
    }
    texts: dict[bytes, int] = {}
    styles: Styles = {("General", False): 0, ("0%", False): 1}
    for number, sheet in enumerate(book, start=1):
        parts[f"xl/worksheets/sheet{number}.bin"] = _sheet(sheet, texts, styles)
    parts["xl/styles.bin"] = _styles(styles)
    shared = b"".join(record(0x13, text) for text in texts)
    parts["xl/sharedStrings.bin"] = record(0x9F, struct.pack("<II", len(texts), len(texts))) + shared + record(0xA0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length = len(body)
    sizes = bytearray()
    while length >= 0x80:
        sizes.append(length & 0x7F | 0x80)
        length >>= 7
    return head + bytes([*sizes, length]) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _bundle(sheet) -> bytes:
    number = sheet.parent.index(sheet) + 1
    state = {"visible": 0, "hidden": 1, "veryHidden": 2}[sheet.sheet_state]
    return record(0x9C, struct.pack("<II", state, number) + wide(f"rId{number}") + wide(sheet.title))


def _relations(book: Workbook) -> bytes:
    ones = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(1, len(book.worksheets) + 1)
    )
    styles = f'<Relationship Id="rIds" Type="{_RELATION}/styles" Target="styles.bin"/>'
    shared = f'<Relationship Id="rId0" Type="{_RELATION}/sharedStrings" Target="sharedStrings.bin"/>'
    return f'<Relationships xmlns="{_PACKAGE}">{ones}{styles}{shared}</Relationships>'.encode()


def _sheet(sheet, texts: dict[bytes, int], styles: Styles) -> bytes:
    body = record(0x81) + record(0x94, struct.pack("<4I", 0, sheet.max_row - 1, 0, sheet.max_column - 1)) + record(0x91)
    for row in sheet.iter_rows():
        body += record(0x00, struct.pack("<I", row[0].row - 1) + bytes(13))
        body += b"".join(_cell(item, texts, styles) for item in row if item.value is not None)
    body += record(0x92)
    for area in sheet.merged_cells.ranges:
        body += record(176, struct.pack("<4I", area.min_row - 1, area.max_row - 1, area.min_col - 1, area.max_col - 1))
    return body + record(0x82)


def _cell(item, texts: dict[bytes, int], styles: Styles) -> bytes:
    style = styles.setdefault((item.number_format, bool(item.font.strike)), len(styles))
    if isinstance(item.value, str | CellRichText) and item.data_type != "e":
        number = texts.setdefault(_text(item.value), len(texts))
        return record(7, struct.pack("<3I", item.column - 1, style, number))
    return cell(item.column, item.value, item.data_type, style)


def _text(value: str | CellRichText) -> bytes:
    """A shared text; of runs, those that are struck out have the second font ([MS-XLSB] 2.5.121 RichStr)."""
    if isinstance(value, str):
        return b"\0" + wide(value)
    starts, at = b"", 0
    for run in value:
        starts += struct.pack("<HH", at, int(isinstance(run, TextBlock) and bool(run.font.strike)))
        at += len(str(run))
    return b"\1" + wide(str(value)) + struct.pack("<I", len(value)) + starts


def _styles(styles: Styles) -> bytes:
    """Two fonts, one of them struck out; General and the format of percentages are built in, the others its own."""
    fonts = b"".join(record(43, struct.pack("<HHHH", 220, flags, 400, 0) + bytes(13)) for flags in (0, 8))
    numbers = {"General": 0, "0%": 9}
    for code, _ in styles:
        numbers.setdefault(code, 164 + len(numbers))
    own = b"".join(record(44, struct.pack("<H", n) + wide(code)) for code, n in numbers.items() if n >= 164)
    used = b"".join(record(47, struct.pack("<HHH", 0, numbers[code], struck) + bytes(10)) for code, struck in styles)
    return record(278) + own + fonts + record(617, struct.pack("<I", len(styles))) + used + record(618) + record(279)


def cell(column: int, value: object, type_: str, style: int = 0) -> bytes:
    place = struct.pack("<II", column - 1, style)
    if type_ == "e":
        return record(3, place + bytes([ERRORS[value]]))
    if isinstance(value, bool):
        return record(4, place + bytes([value]))
    if isinstance(value, int) and abs(value) < 1 << 29:
        return record(2, place + struct.pack("<i", value << 2 | 2))
    if isinstance(value, int | float):
        return record(5, place + struct.pack("<d", value))
    return record(6, place + wide(str(value)))
