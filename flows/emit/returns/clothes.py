"""A returned workbook in its own clothes: a copy of what was sent, the wrong cells marked, 退回说明 in front.

For filled copies of adopted forms, which no form of ours can stand for. Formats and pictures are as they came. The
package is patched in a process of its own, for it was made by whoever sent it; .xls, .et, .ods and .xlsb are made .xlsx
by LibreOffice first, where that is installed. Where a copy cannot be had, nothing is guessed: None, and the findings go
back as a list beside the original.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from flows.emit.workbook.dressed import ORANGE, RED, Styles, clear, mark, put_in_front, text_cell
from flows.emit.workbook.patched import MAIN, NotPatchable, Patched
from flows.reading import child
from flows.reading.apart import Apart, Died
from flows.reading.grid import address
from flows.reading.guard import Refused, open_package
from flows.reading.office import converted_all

SECONDS = 12
"""Processor time of one workbook; a copy of 60 KB takes a twentieth of a second."""
PATCHED = (".xlsx", ".xlsm")
_HEADS = ("序号", "点击前往", "村名", "指标", "报的是", "问题", "情况说明")
_WIDTHS = (6, 18, 14, 26, 16, 60, 38)
_COLOURS = {"强制": RED, "核实": ORANGE}


class Line(msgspec.Struct, frozen=True):
    """A finding as the notice tells it; `sheet` and the place are the sender's own, 0 where the whole file is meant."""

    grade: str
    sheet: str
    row: int
    col: int
    whose: str
    subject: str
    raw: str
    problem: str
    mend: str
    reason: str = ""
    marked: bool = True


class Notice(msgspec.Struct, frozen=True):
    """The sheet in front: its name, title, what it explains, and the findings. `key` goes into property `property`."""

    name: str
    title: str
    guide: tuple[str, ...]
    lines: tuple[Line, ...]
    property: str
    key: str


class Sent(msgspec.Struct, frozen=True):
    """A received file as archived, and what is to be said of it."""

    path: str
    suffix: str
    notice: Notice


def dressed_all(sent: Sequence[Sent]) -> list[bytes | None]:
    """The marked copy of each, or None where there can be none."""
    if not sent:
        return []
    with TemporaryDirectory(prefix="cunhui-") as folder, Apart(SECONDS) as apart:
        paths = _as_xlsx(sent, Path(folder))
        return [_apart(apart, path, one.notice) if path else None for one, path in zip(sent, paths, strict=True)]


def _apart(apart: Apart, path: str, notice: Notice) -> bytes | None:
    try:
        return apart(dressed, path, msgspec.msgpack.encode(notice)) or None
    except Died:
        return None


def _as_xlsx(sent: Sequence[Sent], folder: Path) -> list[str]:
    """Where each file is as .xlsx; '' where it cannot be made one."""
    paths = {number: one.path for number, one in enumerate(sent) if one.suffix in PATCHED}
    others = [number for number in range(len(sent)) if number not in paths]
    documents = [(Path(sent[number].path).read_bytes(), sent[number].suffix) for number in others]
    for number, made in zip(others, converted_all(documents, "xlsx"), strict=True):
        if made is not None:
            path = folder / f"{number}.xlsx"
            path.write_bytes(made)
            paths[number] = str(path)
    return [paths.get(number, "") for number in range(len(sent))]


def dressed(path: str, encoded: bytes) -> bytes:
    """In the child: the marked copy; empty when the workbook is written so that it cannot be patched."""
    child.limit_time(SECONDS)
    notice = msgspec.msgpack.decode(encoded, type=Notice)
    try:
        data = Path(path).read_bytes()
        open_package(data).verified()
        return _dress(Patched(data), notice)
    except (Refused, NotPatchable):
        return b""


def _dress(book: Patched, notice: Notice) -> bytes:
    styles = Styles(book)
    if notice.name in book.sheet_parts:
        clear(book, styles)
    by_sheet: dict[str, dict[tuple[int, int], list[Line]]] = {}
    for line in notice.lines:
        if line.marked and line.row and line.sheet in book.sheet_parts and line.grade in _COLOURS:
            by_sheet.setdefault(line.sheet, {}).setdefault((line.row, line.col), []).append(line)
    for name, places in by_sheet.items():
        mark(book, styles, name, {place: _words(lines) for place, lines in places.items()})
    put_in_front(book, notice.name, _sheet(notice, styles))
    book.note_property(notice.property, notice.key)
    return book.save()


def _words(lines: Sequence[Line]) -> tuple[str, str]:
    """The colour of the gravest, and what is wrong and how to mend it."""
    grade = "强制" if any(line.grade == "强制" for line in lines) else "核实"
    said = dict.fromkeys(f"〔{line.grade}〕{line.problem}。\n怎样改：{line.mend}" for line in lines)
    return _COLOURS[grade], "\n\n".join(said)[:1000]


def _sheet(notice: Notice, styles: Styles) -> str:
    """The notice as a worksheet: title, guide, then a row for each finding with a link to its cell."""
    whose = any(line.whose for line in notice.lines)
    heads = [head for head in _HEADS if whose or head != "村名"]
    last, rows, merges, links = len(heads), list[str](), list[str](), list[str]()

    def whole(text: str, style: int, height: int) -> None:
        number = len(rows) + 1
        cells = "".join(text_cell(number, column, text if column == 1 else "", style) for column in range(1, last + 1))
        rows.append(f'<row r="{number}" ht="{height}" customHeight="1">{cells}</row>')
        merges.append(f"A{number}:{chr(64 + last)}{number}")

    whole(notice.title, styles.own(size=16, bold=True, grid=False, centre=True), 30)
    for sentence in notice.guide:
        whole(sentence, styles.own(size=11, grid=False), 18 * (1 + _width(sentence) // 170))
    head = styles.own(bold=True, colour="FFE7E6E6", centre=True)
    top = len(rows) + 1
    cells = [text_cell(top, column, words, head) for column, words in enumerate(heads, start=1)]
    rows.append(f'<row r="{top}" ht="24" customHeight="1">{"".join(cells)}</row>')
    for number, line in enumerate(notice.lines, start=1):
        row = len(rows) + 1
        place = text_place(line)
        said = {
            "序号": str(number), "点击前往": place or line.sheet, "村名": line.whose, "指标": line.subject,
            "报的是": f"“{line.raw[:200]}”" if line.raw and line.row else "",
            "问题": f"〔{line.grade}〕{line.problem}。{line.mend}", "情况说明": line.reason,
        }  # fmt: skip
        looks = {"问题": styles.own(colour=_COLOURS.get(line.grade, "") if line.marked else "")}
        cells = [
            text_cell(row, at, said[name], looks.get(name, styles.own())) for at, name in enumerate(heads, start=1)
        ]
        lines = max(1 + _width(said[name]) // _WIDTHS[_HEADS.index(name)] for name in heads)
        rows.append(f'<row r="{row}" ht="{16 * lines + 4}" customHeight="1">{"".join(cells)}</row>')
        if place:
            sheet = _escaped(f"'{line.sheet.replace(chr(39), chr(39) * 2)}'")
            links.append(f'<hyperlink ref="B{row}" location="{sheet}!{address(line.row, line.col)}"/>')
    widths = [_WIDTHS[_HEADS.index(name)] for name in heads]
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView showGridLines="0" tabSelected="1" '
        f'workbookViewId="0"/></sheetViews><cols>{columns}</cols><sheetData>{"".join(rows)}</sheetData>'
        f'<mergeCells count="{len(merges)}">{"".join(f"""<mergeCell ref="{each}"/>""" for each in merges)}</mergeCells>'
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def text_place(line: Line) -> str:
    """`表1 C7`; '' where the whole file is meant."""
    return f"{line.sheet} {address(line.row, line.col)}" if line.row else ""


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
