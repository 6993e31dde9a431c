"""What the fast reader loses of an .ods workbook: errors, formats, formulas without a result, texts, merged cells."""

from flows.reading.guard import MOST_MERGES, Refused
from flows.reading.losses.formats import as_shown
from flows.reading.losses.lost import Lost, parse, refuse_area, whole


def lost_in_ods(xml: bytes) -> dict[str, Lost]:
    """What every sheet of a content part loses, by name. Raises Refused beyond the limits."""
    seen = _ContentParse()
    parse(xml, seen.start, seen.end, seen.text, "content")
    return seen.sheets


class _ContentParse:
    """The cells of an OpenDocument content part, as they pass."""

    def __init__(self) -> None:
        self.sheets: dict[str, Lost] = {}
        self.tables: list[str] = []
        self.row = self.column = self.rows = self.columns = self.last_row = self.last_column = 0
        self.cell: dict[str, str] | None = None
        self.shown, self.aside = "", 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and len(self.tables) == 1 and self.cell is None:
            self.cell, self.shown = attributes, ""
            self.columns = whole(attributes.get("table:number-columns-repeated"), 1)
        elif tag == "table:table-row" and len(self.tables) == 1:
            self.row, self.column = self.row + self.rows, 1
            self.rows = whole(attributes.get("table:number-rows-repeated"), 1)
        elif tag == "table:table":
            if not self.tables:
                self.row, self.rows, self.last_row, self.last_column = 1, 0, 0, 0
                self.sheets[attributes.get("table:name", "")] = Lost()
            self.tables.append(attributes.get("table:name", ""))
        elif tag in ("office:annotation", "table:tracked-changes"):
            self.aside += 1

    def text(self, text: str) -> None:
        if self.cell is not None and not self.aside:
            self.shown += text

    def end(self, tag: str) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and len(self.tables) == 1 and self.cell is not None:
            self._end_cell(self.cell)
            self.column += self.columns
            self.cell = None
        elif tag == "table:table" and self.tables:
            name = self.tables.pop()
            if not self.tables:
                refuse_area(self.last_row, self.last_column, name)
        elif tag in ("office:annotation", "table:tracked-changes"):
            self.aside -= 1

    def _end_cell(self, cell: dict[str, str]) -> None:
        high = whole(cell.get("table:number-rows-spanned"), 1)
        wide = whole(cell.get("table:number-columns-spanned"), 1)
        lost = self.sheets[self.tables[0]]
        if high > 1 or wide > 1:
            lost.merges.append((self.row, self.column, self.row + high - 1, self.column + wide - 1))
            if len(lost.merges) > MOST_MERGES:
                raise Refused("FILE_SUSPICIOUS", why="太多合并单元格")
        if not self.shown.strip() and not any(key.startswith(("office:", "table:formula")) for key in cell):
            return
        self.last_row = max(self.last_row, self.row + self.rows - 1)
        self.last_column = max(self.last_column, self.column + self.columns - 1)
        refuse_area(self.last_row, self.last_column, self.tables[0])
        found = self._found(cell)
        if found:
            replaces, content = found
            into = lost.always if replaces else lost.blank
            for row in range(self.row, self.row + self.rows):
                for column in range(self.column, self.column + self.columns):
                    into[row, column] = content

    def _found(self, cell: dict[str, str]) -> tuple[bool, tuple[str, str]] | None:
        """What such a cell holds that may be lost, and whether it replaces what the fast reader says."""
        formula, type_ = cell.get("table:formula"), cell.get("office:value-type")
        shown = self.shown.strip()
        if cell.get("calcext:value-type") == "error" or (formula and shown.startswith(("#", "Err:"))):
            return True, (shown or "#", "error")
        if formula is not None and type_ is None and not shown:
            return True, ("=" + formula.partition("=")[2], "formula_without_value")
        if type_ == "float" and shown.upper() in ("TRUE", "FALSE"):
            return True, (shown.upper(), "bool")
        if type_ in ("float", "percentage", "currency") and (text := as_shown(cell.get("office:value", ""), shown)):
            return True, (text, "text")
        if type_ in ("date", "time"):
            raw = cell.get("office:date-value") or cell.get("office:time-value") or shown
            return type_ == "time", (raw, "date")
        if type_ is None and shown:
            return False, (shown, "text")
        return None
