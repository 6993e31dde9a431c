"""One edition of the summary workbook: what its sheets have in common, so that all say the same in the same words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property

from flows.emit.summary.paper import Paper, paper_for
from flows.emit.workbook.styles import (
    ELLIPSIS_FORMAT,
    GREY,
    NOTE,
    NUMBER,
    PLAIN,
    PLAIN_RIGHT,
    TEXT,
    TITLE,
    Look,
    Pen,
    breadth,
    places_format,
    row_height,
)
from flows.store.figures import Book, Figure, Place, column
from flows.totals.weighted import mean_of
from schemas.catalogue import Catalogue
from schemas.expressions import SCALE
from schemas.levels import Words
from schemas.records import Indicator
from schemas.states import word_of
from schemas.township import Settings

ROUNDING = {"allocate": "舍位平衡（最大余数法）", "none": "未作机械调整"}
_ROUNDING_NOTES = {
    "allocate": "换算计量单位的数按舍位平衡（最大余数法）取舍，各村数之和等于合计；改动过的数见“校验”表",
    "none": "各数分别四舍五入，未作机械调整，各村数之和与合计可能略有出入",
}


Shown = tuple[Decimal | str | None, Look]
"""What a cell holds, and how it looks."""


@cache
def number_look(places: int, tiny: bool = False, bold: bool = False, fill: str = "") -> Look:
    """How a figure of that many decimals looks; `tiny` is one that is not zero and prints as zero."""
    return NUMBER.but(number=ELLIPSIS_FORMAT if tiny else places_format(places), bold=bold, fill=fill)


@cache
def text_look(bold: bool = False, fill: str = "") -> Look:
    """How a figure that is words looks."""
    return TEXT.but(bold=bold, fill=fill)


def half_up(value: Decimal, places: int) -> Decimal:
    """Round half up, as every table does."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def is_tiny(figure: Figure) -> bool:
    """Whether it is not zero and prints as zero."""
    return not figure.printed and figure.printed is not None and bool(figure.value)


@dataclass(frozen=True)
class Edition:
    """A book with the catalogue that explains it and the settings that say how to print it."""

    book: Book
    catalogue: Catalogue
    settings: Settings

    @property
    def paper(self) -> Paper:
        """What the wide tables are printed on."""
        return paper_for(self.settings.printing.paper)

    @property
    def words(self) -> Words:
        """What the whole and its offices are called."""
        return self.settings.township.words

    @cached_property
    def missing(self) -> dict[str, str]:
        """Code and name of every unit expected and not accepted; one without an arrival counts by its figures."""
        arrived = {arrival.code: arrival.accepted for arrival in self.book.arrivals}
        places = [*self.book.villages, *self.book.offices]
        told = all(place.code in arrived for place in places)
        answered = set() if told else {code for (code, _), each in self.book.figures.items() if each.units_counted}
        return {
            place.code: place.name
            for place in places
            if not arrived.get(place.code, place.code in answered or place.kind == "站所")
        }

    @property
    def state(self) -> str:
        """Whether the figures are final, and who keeps them from being so."""
        if not self.missing:
            lacking = "；".join(self.book.unheard)
            return f"应报单位的数都{word_of('accepted')}，还缺：{lacking}" if lacking else "全部收齐"
        return f"暂定数：缺 {len(self.missing)} 个单位的数（{'、'.join(self.missing.values())}）"

    @cached_property
    def subtotalled(self) -> list[Place]:
        """The places worth a subtotal: those of a level of which there are several, the highest level first."""
        times = Counter(place.level for place in self.book.places)
        return [place for place in self.book.places if times[place.level] > 1]

    @property
    def side_by_side(self) -> bool:
        """Whether the places right below the whole have a sheet of their own."""
        return len(self.book.parts) > 1

    @property
    def total_first(self) -> bool:
        """Whether totals stand before what they are the totals of."""
        return self.settings.printing.total_row == "first"

    @cached_property
    def terrains(self) -> tuple[str, ...]:
        """The terrains worth a subtotal: those that occur, when more than one does."""
        found = tuple(dict.fromkeys(place.terrain for place in self.book.villages if place.terrain))
        return found if len(found) > 1 else ()

    def figure(self, place: Place, indicator: Indicator) -> Figure | None:
        """This year's figure of a place."""
        return self.book.figures.get((place.code, indicator.code))

    def shown(self, place: Place, indicator: Indicator, bold: bool = False) -> Shown:
        """What the place's cell holds and how it looks; grey where the place has not reported."""
        return self._shown([place], [self.figure(place, indicator)], indicator, bold)[0]

    def column(self, places: Sequence[Place], indicator: Indicator) -> list[Shown]:
        """The same of several places, read at once."""
        figures = column(self.book.figures, indicator.code, [place.code for place in places])
        return self._shown(places, figures, indicator, False)

    def _shown(
        self, places: Sequence[Place], figures: Sequence[Figure | None], indicator: Indicator, bold: bool
    ) -> list[Shown]:
        missing, grey = self.missing, (None, text_look(bold, GREY))
        if indicator.is_text:
            words = text_look(bold)
            cells = [(figure.text or None if figure else None, words) for figure in figures]
        else:
            plain, tiny = number_look(indicator.places, False, bold), number_look(indicator.places, True, bold)
            cells = [
                (figure.printed, tiny if is_tiny(figure) else plain) if figure else (None, plain) for figure in figures
            ]
        return [
            grey if place.code in missing or (figure and not figure.units_counted and figure.units_expected) else cell
            for place, figure, cell in zip(places, figures, cells, strict=True)
        ]

    def subtotal(self, indicator: Indicator, terrain: str) -> Decimal | None:
        """A terrain's figure: the sum of its villages' printed parts, or a ratio of their exact sums."""
        if indicator.total in ("sum", "list") and not indicator.is_text:
            return self.book.sum_of(indicator.code, terrain).printed
        if indicator.total == "weighted":
            return self._mean([place for place in self.book.villages if place.terrain == terrain], indicator)
        if indicator.total != "ratio":
            return None
        sides = indicator.numerator, indicator.denominator
        above, below = (self.book.sum_of(code or "", terrain).exact for code in sides)
        if above is None or not below:
            return None
        return half_up(above * indicator.times / below / indicator.factor, indicator.places)

    def chosen(self, indicator: Indicator, terrain: str) -> str | None:
        """How many of a terrain's villages gave each answer, the commonest first."""
        villages = [place for place in self.book.villages if place.terrain == terrain]
        figures = (self.book.figures.get((place.code, indicator.code)) for place in villages)
        counts = Counter(figure.text for figure in figures if figure and figure.text)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return "、".join(f"{choice} {count}" for choice, count in ordered) or None

    def _mean(self, villages: list[Place], indicator: Indicator) -> Decimal | None:
        pairs = [
            (int(value.value * SCALE), int(weight.value * SCALE))
            for place in villages
            if (value := self.book.figures.get((place.code, indicator.code))) and value.value is not None
            if (weight := self.book.figures.get((place.code, indicator.weight or ""))) and weight.value is not None
        ]
        values, weights = zip(*pairs, strict=True) if pairs else ((), ())
        return mean_of(values, weights, indicator.factor, indicator.places)[-1]

    def table_name(self, name: str) -> str:
        """A table's title."""
        ending = "表" if name.endswith(("情况", "合计", "解释", "校验", "明细")) else "情况表"
        return f"{self.book.township.name}{self.book.year}年{name}{ending}"

    def marks(self, number: int) -> list[str]:
        """The marks that are set, as printed top right; `{n}` in the table number is the table's number."""
        marks = self.settings.marks
        pairs = (
            ("表　　号", marks.table_number.replace("{n}", str(number))),
            ("制定机关", marks.authority),
            ("文　　号", marks.document_number),
            ("有效期至", marks.valid_until),
        )
        return [f"{name}：{value}" for name, value in pairs if value]

    def head(self, pen: Pen, title: str, first: int, last: int, marks: list[str], keep: int = 0) -> int:
        """Title, marks and the line above the table, over columns first to last. Returns the row after it.

        `keep` rows stay for marks although this page prints none.
        """
        columns = last - first + 1
        pen.put(1, first, title, TITLE, columns=columns)
        pen.height(1, 30)
        self._draw_marks(pen, first, last, marks)
        row = 2 + max(len(marks), keep)
        year = f"{self.book.year} 年" + ("（暂定数）" if self.missing else "")
        pen.put(row, first, f"填报单位：{self.book.township.name}", PLAIN, columns=max(1, columns // 2))
        if columns > 1:
            pen.put(row, first + columns // 2, year, PLAIN_RIGHT, columns=columns - columns // 2)
        pen.height(row, 18)
        return row + 1

    @staticmethod
    def _draw_marks(pen: Pen, first: int, last: int, marks: list[str]) -> None:
        """The marks one under the other, starting in line, as far right as they fit."""
        need = max((breadth(mark) for mark in marks), default=0.0) + 2
        start, room = last, pen.width(last)
        while room < need and start > first:
            start -= 1
            room += pen.width(start)
        for row, mark in enumerate(marks, start=2):
            pen.put(row, start, mark, PLAIN, columns=last - start + 1)
            pen.height(row, 15)

    def notes(self) -> list[str]:
        """What stands under a table of figures."""
        notes = [_ROUNDING_NOTES[self.settings.printing.rounding] + "。"]
        notes.append("“…”表示不足计量单位的最小一位；空格表示没有这项数。")
        if self.missing:
            notes.append(f"暂定数，灰底为缺数的单位：{'、'.join(self.missing.values())}。")
        return notes

    def foot(self, pen: Pen, row: int, last: int, width: float, notes: list[str]) -> int:
        """Notes and signatures under a table, over columns 1 to last of that width. Returns the row after them."""
        for number, note in enumerate(notes, start=1):
            ordinal = f"{number}. " if len(notes) > 1 else ""
            text = ("注：" if number == 1 else "　　") + ordinal + note
            pen.put(row, 1, text, NOTE, columns=last)
            pen.height(row, row_height([(text, width)], 9.5, 15))
            row += 1
        signatures = self.settings.printing.signatures
        if signatures:
            gap = "　" * (8 if width > 110 else 5)
            pen.put(row, 1, gap.join(f"{name}：" for name in signatures), PLAIN.but(down="bottom"), columns=last)
            pen.height(row, 28)
            row += 1
        return row


def in_tree(items: Iterable[Indicator], catalogue: Catalogue) -> list[tuple[Indicator, int]]:
    """Indicators with their depth, each followed by the 其中 items of it that are among them."""
    items = list(items)
    codes = {item.code for item in items}
    roots = [item for item in items if item.parent not in codes]

    def walk(item: Indicator, depth: int) -> list[tuple[Indicator, int]]:
        under = [pair for child in items if child.parent == item.code for pair in walk(child, depth + 1)]
        return [(item, depth), *under]

    return [pair for root in roots for pair in walk(root, 0)]


def indented(tree: list[tuple[Indicator, int]]) -> list[tuple[Indicator, str, int]]:
    """Indicators with the name as an indented table prints it, and its indent; the first of its siblings says 其中."""
    rows, opened = [], set()
    for item, depth in tree:
        first = depth > 0 and item.parent not in opened
        opened.add(item.parent)
        indent = (2 * depth - 1 if first else 2 * depth + 2) if depth else 0
        rows.append((item, f"其中：{item.name}" if first else item.name, indent))
    return rows
