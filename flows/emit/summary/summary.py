"""The summary workbook 汇总表.xlsx: the order of its sheets, and the contents page that describes them."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from flows.emit.summary.annexes import draw_arrivals, draw_check, draw_dictionary
from flows.emit.summary.areas import draw_area, draw_parts
from flows.emit.summary.charts import CHARTS, Run, draw_charts, headline
from flows.emit.summary.edition import ROUNDING, Edition
from flows.emit.summary.kept import Kept, KeptSheet
from flows.emit.summary.lists import SHARED, draw_list, draw_lists, small_lists
from flows.emit.summary.paper import A4_UPRIGHT, set_up
from flows.emit.summary.sheets import draw_targets, draw_township
from flows.emit.workbook.plain import Part, Sheet, frame_of, part_name, zipped
from flows.emit.workbook.styles import HEAD, MIDDLE, PLAIN, TEXT, TITLE, Ink, Pen, row_height
from flows.store.figures import Book
from schemas.catalogue import Catalogue
from schemas.levels import levels, parts_sheet, totals_sheet
from schemas.township import Settings

CONTENTS, DICTIONARY = "目录", "指标解释"
_WIDTHS = (6.5, 22.0, 57.0)


class _Table(NamedTuple):
    """A sheet, what it holds, how it is drawn, and what it is drawn from ("" where it is always drawn)."""

    name: str
    holds: str
    draw: Callable[[Pen], object]
    basis: str = ""


def write_summary(path: Path, book: Book, catalogue: Catalogue, settings: Settings, rules: bytes | None = None) -> None:
    """Write 汇总表.xlsx whole or not at all; the same book, catalogue and settings give the same bytes.

    Figures are printed ones, in printed units. With `rules`, a fingerprint of the code, sheets of the workbook that is
    there are taken over where nothing has changed that they are drawn from. Raises KeyError for a figure, list or
    arrival state that the catalogue does not know: that is a bug of whoever made the book.
    """
    edition, ink, kept = Edition(book, catalogue, settings), Ink(), Kept(path)
    villages: dict[str, dict[str, Run]] = {}
    drawn: list[tuple[Sheet, str, Part, KeptSheet]] = []
    for number, (name, holds, draw, basis) in enumerate(_sheets(edition, villages, rules), start=1):
        hidden = name == DICTIONARY and not settings.printing.dictionary
        if taken := kept.take(name, basis, ink):
            sheet, part, said = taken
            villages[name] = {code: Run(sheet, *cells) for code, cells in said.runs.items()}
        else:
            sheet = Sheet(name, hidden)
            pen = Pen(sheet, ink)
            draw(pen)
            part, said = Part.of_pieces(sheet.pieces()), _kept(pen, basis, villages.get(name, {}))
            if number > 1:  # the charts ask the first what its columns are called
                sheet.let_go()
        holds += "（不随全簿打印，已隐藏：右键点任一工作表标签，选“取消隐藏”）" if hidden else ""
        drawn.append((sheet, holds, part, msgspec.structs.replace(said, part=part_name(number))))
    contents = Sheet(CONTENTS)
    _draw_contents(Pen(contents, ink), edition, [(sheet, holds) for sheet, holds, *_ in drawn])
    title, stamp = f"{book.township.name}{book.year}年统计汇总表", datetime(book.year, 12, 31)
    parts = frame_of([contents, *(sheet for sheet, *_ in drawn)], ink.xml(), title, book.township.name, stamp)
    parts |= {part_name(0): Part.of(contents.xml()), **{said.part: part for _, _, part, said in drawn}}
    kept.put(zipped(parts), ((sheet.title, said) for sheet, _, _, said in drawn if said.basis))


def _kept(pen: Pen, basis: str, runs: dict[str, Run]) -> KeptSheet:
    printing = pen.sheet.printing
    return KeptSheet(
        "",
        basis,
        tuple((*dressed, number) for dressed, number in pen.looks.items()),
        printing.title_rows,
        printing.title_columns,
        tuple(printing.areas),
        pen.sheet.hidden,
        {code: (run.values, run.names) for code, run in runs.items()},
    )


def _sheets(edition: Edition, villages: dict[str, dict[str, Run]], rules: bytes | None) -> list[_Table]:
    """Every sheet after the contents; tables of figures are numbered from 1. `villages` is told where figures stand."""
    catalogue, years, parts, basis = edition.catalogue, dict[str, Run](), dict[str, Run](), _Basis(edition, rules)
    whole = edition.words.whole
    tables: list[tuple[str, str, Callable[[Pen, int], object], str]] = [
        (
            totals_sheet(whole),
            f"各项指标的{whole}数，与上年比较",
            lambda pen, n: years.update(draw_township(pen, edition, n)),
            "",
        )
    ]
    if edition.side_by_side:
        level = edition.book.parts[0].level
        holds = f"各项指标的{levels()[level].name}数，各{levels()[level].name}并列"
        draw = lambda pen, n: parts.update(draw_parts(pen, edition, n))  # noqa: E731
        tables.append((parts_sheet(level), holds, draw, ""))
    for area in catalogue.areas.values():
        if catalogue.of_area(area.name, edition.book.year):
            holds = f"各村分列：{area.title}"
            draw = lambda pen, n, a=area: villages.update({a.name: draw_area(pen, edition, a.name, n)})  # noqa: E731
            tables.append((area.name, holds, draw, basis.of_area(area.name, len(tables))))
    small = small_lists(edition)
    for line_list in catalogue.lists.values():
        if line_list not in small:
            holds, one = f"明细表：{line_list.name}，逐行列出", basis.of_lists([line_list.code], len(tables))
            tables.append((line_list.name, holds, lambda pen, n, x=line_list: draw_list(pen, edition, x, n), one))
    if small:
        holds = f"明细表：{'、'.join(line_list.name for line_list in small)}，逐行列出"
        one = basis.of_lists([line_list.code for line_list in small], len(tables))
        tables.append((SHARED, holds, lambda pen, n: draw_lists(pen, edition, small, n), one))
    sheets = [
        _Table(name, holds, lambda pen, d=draw, n=number: d(pen, n), basis)
        for number, (name, holds, draw, basis) in enumerate(tables, start=1)
    ]
    if edition.book.last_targets:
        sheets.append(_Table("目标完成", f"{edition.book.year} 年目标与完成数", lambda pen: draw_targets(pen, edition)))
    if any(headline(edition, area) for area in catalogue.areas.values()):
        holds = "各类别第一项合计数的图：与上年比，各村比"
        sheets.append(_Table(CHARTS, holds, lambda pen: draw_charts(pen, edition, years, villages, parts)))
    holds = "合计数与各村印出数之和逐项核对，舍位平衡的改动记录"
    meaning = "每项指标的口径、计量单位、汇总办法和审核关系"
    return [
        *sheets,
        _Table("校验", holds, lambda pen: draw_check(pen, edition)),
        _Table("收报情况", "各单位报表收到、采用和审核的情况", lambda pen: draw_arrivals(pen, edition)),
        _Table(DICTIONARY, meaning, lambda pen: draw_dictionary(pen, edition), basis.of("")),
    ]


class _Basis:
    """Fingerprints of what sheets are drawn from; "" where the book does not say, or no rules are given."""

    def __init__(self, edition: Edition, rules: bytes | None) -> None:
        self._edition, self._known = edition, bool(rules and edition.book.marks)
        book, settings = edition.book, msgspec.json.encode(edition.settings)
        common = (
            book.year,
            book.township,
            book.villages,
            book.places,
            book.offices,
            edition.missing,
            edition.catalogue.version,
        )
        self._common = hashlib.sha256((rules or b"") + settings + repr(common).encode()).hexdigest()

    def of(self, *said: object) -> str:
        """Of a sheet that follows from these besides what is common to all."""
        return hashlib.sha256(repr((self._common, said)).encode()).hexdigest() if self._known else ""

    def of_area(self, area: str, number: int) -> str:
        """Of a table of figures: of the area's own, and of those that theirs are worked out from."""
        items = self._edition.catalogue.of_area(area, self._edition.book.year)
        codes = {code for i in items for code in (i.code, i.numerator, i.denominator, i.weight, i.of) if code}
        return self.of(area, number, [(code, self._edition.book.marks.get(code)) for code in sorted(codes)])

    def of_lists(self, codes: Iterable[str], number: int) -> str:
        """Of a sheet of line lists."""
        listed = set(codes)
        return self.of(sorted(listed), number, [row for row in self._edition.book.rows if row.list in listed])


def _draw_contents(pen: Pen, edition: Edition, drawn: list[tuple[Sheet, str]]) -> None:
    book = edition.book
    pen.widths(_WIDTHS)
    pen.put(1, 1, f"{book.township.name}{book.year}年统计汇总表", TITLE.but(size=22), columns=3)
    pen.height(1, 60)
    row = 2
    for words in _about(edition):
        pen.put(row, 1, words, PLAIN.but(size=11, wrap=True), columns=3)
        pen.height(row, row_height([(words, sum(_WIDTHS))], 11, 21))
        row += 1
    top = row + 1
    pen.line(top, ("序号", "表", "内容"), [HEAD] * 3)
    pen.height(top, 24)
    link = TEXT.but(size=11, color="0563C1", underline=True)
    for number, (sheet, holds) in enumerate(drawn, start=1):
        name, shown = sheet.title, not sheet.hidden
        look = link if shown else TEXT.but(size=11)
        pen.line(top + number, (number, name, holds), (MIDDLE.but(size=11), look, TEXT.but(size=11)))
        if shown:
            pen.sheet.links[f"B{top + number}"] = f"'{name}'!A1"
        pen.height(top + number, row_height([(name, _WIDTHS[1]), (holds, _WIDTHS[2])], 11, 24))
    edition.foot(pen, top + len(drawn) + 2, 3, sum(_WIDTHS), [])
    set_up(pen.sheet, A4_UPRIGHT, (top, top), 0)


def _about(edition: Edition) -> list[str]:
    """The lines above the contents; no clock is read, so that the same figures give the same file."""
    book = edition.book
    expected = len(book.arrivals) or len(book.villages) + len(book.offices)
    return [
        f"填报单位：{book.township.name}（代码 {book.township.code}）　　年度：{book.year} 年",
        f"收报：{edition.state}；应报单位 {expected} 个，"
        f"其中村（社区）{len(book.villages)} 个、站所 {len(book.offices)} 个",
        f"取舍办法：{ROUNDING[edition.settings.printing.rounding]}",
        "计量单位：各表按表头所列计量单位印出；填报单位与印表单位不同的，见“指标解释”",
        f"本表由各单位所报报表汇总得出，指标目录版本 {edition.catalogue.version}",
    ]
