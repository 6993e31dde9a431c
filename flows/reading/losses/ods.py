"""What the fast reader loses of an .ods workbook: errors, looks, formulas without a result, texts, merged cells."""

from flows.reading.guard import MOST_MERGES, Refused
from flows.reading.losses.formats import Content, as_shown
from flows.reading.losses.lost import Lost, parse, refuse_area, whole
from flows.reading.losses.ods_styles import OdsStyles
from flows.reading.losses.runs import Run

_NUMBERS = ("float", "percentage", "currency")
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}


def lost_in_ods(xml: bytes, common: bytes = b"") -> dict[str, Lost]:
    """What every sheet of a content part loses, by name; `common`: the part of styles. Raises Refused."""
    styles = OdsStyles()
    if b"text-line-through" in common or b"text-position" in common:
        parse(common, styles.start, lambda tag: None, lambda text: None, "styles")
    seen = _ContentParse(styles)
    parse(xml, seen.start, seen.end, seen.text, "content")
    return seen.sheets


class _ContentParse:
    """The cells of an OpenDocument content part, as they pass."""

    def __init__(self, styles: OdsStyles) -> None:
        self.styles = styles
        self.columns_struck: list[tuple[int, bool]] = []
        self.row_style = ""
        self.spans: list[str] = []
        self.runs: list[Run] = []
        self.paragraphs, self.torn = 0, False
        self.sheets: dict[str, Lost] = {}
        self.tables: list[str] = []
        self.row = self.column = self.rows = self.columns = self.last_row = self.last_column = 0
        self.cell: dict[str, str] | None = None
        self.shown, self.aside = "", 0
        self.comment: list[str] = []
        self.commenting = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and len(self.tables) == 1 and self.cell is None:
            self.cell, self.shown, self.runs, self.paragraphs, self.torn = attributes, "", [], 0, False
            self.comment = []
            self.columns = whole(attributes.get("table:number-columns-repeated"), 1)
        elif tag == "table:table-row" and len(self.tables) == 1:
            self.row, self.column = self.row + self.rows, 1
            self.rows = whole(attributes.get("table:number-rows-repeated"), 1)
            self.row_style = attributes.get("table:default-cell-style-name", "")
        elif tag == "table:table-column" and len(self.tables) == 1:
            last = self.columns_struck[-1][0] if self.columns_struck else 0
            until = last + whole(attributes.get("table:number-columns-repeated"), 1)
            self.columns_struck.append((until, self.styles.struck(attributes.get("table:default-cell-style-name", ""))))
        elif tag == "table:table":
            if not self.tables:
                self.row, self.rows, self.last_row, self.last_column = 1, 0, 0, 0
                self.columns_struck = []
                self.sheets[attributes.get("table:name", "")] = Lost()
            self.tables.append(attributes.get("table:name", ""))
        elif tag in ("office:annotation", "table:tracked-changes"):
            self.aside += 1
        elif self.aside:
            self.commenting = tag == "text:p" or (self.commenting and tag.startswith("text:"))
        elif self.cell is not None and not self.aside:
            self._inside(tag, attributes)
        else:
            self.styles.start(tag, attributes)

    def _inside(self, tag: str, attributes: dict[str, str]) -> None:
        """A part of a cell's text."""
        if tag == "text:p":
            self.paragraphs += 1
            if self.paragraphs > 1:
                self._add("\n")
        elif tag == "text:span":
            self.spans.append(attributes.get("text:style-name", ""))
        elif tag == "text:s":
            self._add(" " * min(whole(attributes.get("text:c"), 1), 1000))
        elif tag in _SIGNS:
            self.torn = True
            self._add(_SIGNS[tag])

    def _add(self, text: str) -> None:
        self.shown += text
        style = self.spans[-1] if self.spans else ""
        self.runs.append(Run(text, self.styles.says(style), self.styles.raised(style)))

    def text(self, text: str) -> None:
        if self.cell is not None and not self.aside:
            self._add(text)
        elif self.cell is not None and self.commenting:
            self.comment.append(text)

    def end(self, tag: str) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and len(self.tables) == 1 and self.cell is not None:
            self._end_cell(self.cell)
            self.column += self.columns
            self.cell, self.spans = None, []
        elif tag == "text:span" and self.spans:
            self.spans.pop()
        elif tag == "table:table" and self.tables:
            name = self.tables.pop()
            if not self.tables:
                refuse_area(self.last_row, self.last_column, name)
        elif tag in ("office:annotation", "table:tracked-changes"):
            self.aside, self.commenting = self.aside - 1, False

    def _end_cell(self, cell: dict[str, str]) -> None:
        high = whole(cell.get("table:number-rows-spanned"), 1)
        wide = whole(cell.get("table:number-columns-spanned"), 1)
        lost = self.sheets[self.tables[0]]
        if high > 1 or wide > 1:
            lost.merges.append((self.row, self.column, self.row + high - 1, self.column + wide - 1))
            if len(lost.merges) > MOST_MERGES:
                raise Refused("FILE_SUSPICIOUS", why="太多合并单元格")
        if self.comment:
            lost.comments[self.row, self.column] = "".join(self.comment).strip()
        if not self.shown.strip() and not any(key.startswith(("office:", "table:formula")) for key in cell):
            return
        self.last_row = max(self.last_row, self.row + self.rows - 1)
        self.last_column = max(self.last_column, self.column + self.columns - 1)
        refuse_area(self.last_row, self.last_column, self.tables[0])
        found, seen = self._found(cell), self._seen(cell)
        doubt = seen[1] if seen and not seen[0] else None
        struck = self.styles.struck(cell["table:style-name"]) if "table:style-name" in cell else None
        marked = any(run.struck or run.raised for run in self.runs)
        if not (found or doubt or struck or marked or self.styles.any_struck):
            return
        for row in range(self.row, self.row + self.rows):
            for column in range(self.column, self.column + self.columns):
                if found:
                    replaces, content = found
                    (lost.always if replaces else lost.blank)[row, column] = content
                if doubt:
                    lost.otherwise[row, column] = doubt
                out = self._column_struck(column) if struck is None else struck
                if out or marked:
                    lost.text((row, column), self.runs, out)

    def _column_struck(self, column: int) -> bool:
        """Whether a cell without a style of its own is struck out by its row's or its column's."""
        if self.row_style:
            return self.styles.struck(self.row_style)
        return next((struck for until, struck in self.columns_struck if column <= until), False)

    def _seen(self, cell: dict[str, str]) -> tuple[bool, Content] | None:
        """What a number cell shows that is not what it holds, and whether its filler means that."""
        if not self.paragraphs or cell.get("office:value-type") not in _NUMBERS:
            return None
        if cell.get("calcext:value-type") == "error" or self.shown.strip().upper() in ("TRUE", "FALSE"):
            return None
        return as_shown(cell.get("office:value", ""), self.shown)

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
        if (
            type_ in _NUMBERS
            and self.paragraphs
            and (seen := as_shown(cell.get("office:value", ""), shown))
            and seen[0]
        ):
            return seen
        if type_ in ("date", "time"):
            raw = cell.get("office:date-value") or cell.get("office:time-value") or shown
            return type_ == "time", (raw, "date")
        if type_ is None and shown:
            return self.torn, (self.shown if self.torn else shown, "text")
        if type_ == "string" and self.torn:
            return True, (self.shown, "text")
        return None
