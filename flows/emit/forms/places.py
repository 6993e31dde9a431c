"""Where in a form each answer stands, as flows.emit.forms.drawing draws it: for links and for addresses in words."""

from typing import NamedTuple

from flows.emit.forms.drawing import THIS_YEAR, heads_of
from flows.emit.forms.layout import MARKS, AreaPage, FormLayout, Line, ListPage

_HEAD = 1 + len(MARKS)
"""Rows above a table's header: its title and the four marks."""
_BANDS = 3
"""Header rows of a list: units, codes, names."""


class Spot(NamedTuple):
    """A cell of a form; row and column count from 0."""

    sheet: str
    row: int = 0
    column: int = 0

    @property
    def address(self) -> str:
        """`B7`; forms are never wider than 26 columns."""
        return f"{chr(65 + self.column)}{self.row + 1}"

    @property
    def link(self) -> str:
        """The cell as xlsxwriter's link."""
        sheet = self.sheet.replace("'", "''")
        return f"internal:'{sheet}'!{self.address}"


class Places:
    """Every place of one layout."""

    def __init__(self, layout: FormLayout) -> None:
        self.layout = layout
        self.pages: dict[str, AreaPage | ListPage] = {page.name: page for page in layout.pages}
        self.of_code = {
            item.code: Spot(page.name, _HEAD + 1 + index, heads_of(page).index(item.period or THIS_YEAR))
            for page in layout.areas
            for index, line in enumerate(page.body)
            if isinstance(line, Line)
            for item in (line.indicator, *page.beside(line.indicator.code).values())
        }
        self._lists = {page.line_list.code: page for page in layout.lists}
        self._columns = {
            column.code: (code, index)
            for code, page in self._lists.items()
            for index, column in enumerate(page.line_list.columns, start=1)
        }

    def of_row(self, column: str, index: int) -> Spot | None:
        """The cell of a list's column in its entry of that number, counted from 0."""
        if column not in self._columns:
            return None
        code, place = self._columns[column]
        return Spot(self._lists[code].name, _HEAD + _BANDS + index, place)

    def page_of(self, *words: str) -> Spot | None:
        """The first cell to fill in on the page named by a code, a list's code or a sheet's name: the first known."""
        for word in filter(None, words):
            if word in self.of_code:
                return self.first(self.of_code[word].sheet)
            if word in self._lists or word in self._columns:
                return self.first(self._lists[self._columns.get(word, (word, 0))[0]].name)
            if word in self.pages:
                return self.first(word)
        return None

    def first(self, name: str) -> Spot:
        """The first cell to fill in on a page."""
        page = self.pages[name]
        if isinstance(page, AreaPage):
            return self.of_code[page.lines[0].indicator.code]
        return Spot(name, _HEAD + _BANDS, 1)
