"""What the report's page shows when a number is opened: place by place, with the cells it came from."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flows.emit.page.offline import Numbered
from flows.emit.wording import source, totalling
from flows.store.figures import Adjustment, Book, Figure, Key, ListRow, some
from flows.store.lineage import Lineage, Origin, Origins, cell_key
from flows.template.compose import Piece
from flows.template.filling import Source
from flows.template.numbers import written
from schemas.catalogue import Catalogue
from schemas.levels import levels, parts_sheet
from schemas.records import Indicator, LineList
from schemas.supplements import Supplement
from schemas.township import Settings

_NOTHING = Origin("", "", "", "")
MOST_PLACES, LARGEST = 200, 100
"""Units of an indicator that the page lists: so many are all of any township. Of a county's thousands only those with
the largest figures, which is as many as anybody looks at; `cunhui trace` knows the others. 10,000 units make 71 MB
without."""
MOST_ROWS = 1000
"""Rows of a line list, likewise."""
_NO_ROWS = ("count", "names", "units", "list")
"""How indicators are totalled that no place has a row of."""


@dataclass
class PageData:
    """Collects what the slots of one report need; `as_dict` is for the page's script, numbers as printed text."""

    book: Book
    catalogue: Catalogue
    settings: Settings
    origins: Origins
    slots: list[dict[str, Any]] = field(default_factory=list)
    _files: Numbered = field(default_factory=Numbered)
    _sheets: Numbered = field(default_factory=Numbered)
    _indicators: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    _supplements: list[str] = field(default_factory=list)

    @cached_property
    def _places(self) -> list[Any]:
        return [*self.book.villages, *self.book.offices]

    @property
    def _is_cut(self) -> bool:
        return max(len(self.book.villages), len(self.book.offices)) > MOST_PLACES

    @cached_property
    def _chosen(self) -> dict[str, list[str]]:
        """The places that each indicator's rows are of; of a ratio's two sides always those that it lists itself."""
        items = [item for item in self.catalogue.indicators.values() if item.total not in _NO_ROWS]
        most = LARGEST if self._is_cut else MOST_PLACES
        chosen = {item.code: list(self.book.places_of(item.code, most)) for item in items}
        for item in items:
            if item.total == "ratio" and item.numerator in chosen and item.denominator in chosen:
                chosen[item.code] = chosen[item.denominator]
                chosen[item.numerator] = list(dict.fromkeys((*chosen[item.numerator], *chosen[item.denominator])))
        return chosen

    @cached_property
    def _keys(self) -> list[Key]:
        return [(place, code) for code, places in self._chosen.items() for place in places]

    @cached_property
    def _figures(self) -> dict[Key, Figure]:
        return some(self.book.figures, self._keys)

    @cached_property
    def _last(self) -> dict[Key, Figure]:
        return some(self.book.last, self._keys)

    @cached_property
    def lineage(self) -> Lineage:
        """Where those figures come from."""
        return self.origins(self._keys) if callable(self.origins) else self.origins

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {place.code: number for number, place in enumerate(self._places)}

    @cached_property
    def _adjusted(self) -> dict[Key, Adjustment]:
        return {(moved.code, moved.indicator): moved for moved in self.book.adjustments}

    def _moved(self, key: Key) -> str:
        """What balancing did to a figure, in words; "" where it left it."""
        if not (moved := self._adjusted.get(key)):
            return ""
        words = (
            f"舍位平衡：准确值 {written(moved.exact)}，四舍五入 {written(moved.plain)}，印出 {written(moved.printed)}"
        )
        return words + ("，离准确数一位以上" if moved.forced else "")

    @cached_property
    def _rows(self) -> dict[str, list[ListRow]]:
        rows: dict[str, list[ListRow]] = {}
        for row in self.book.rows:
            rows.setdefault(row.list, []).append(row)
        return rows

    def add(self, piece: Piece) -> int:
        """Take up a filled slot; returns its number on the page."""
        assert piece.filled and piece.part
        filled = piece.filled
        main = filled.sources[0]
        for each in filled.sources:
            if each.kind in ("figure", "last"):
                self._take_up(each.code)
            elif each.kind == "supplement" and each.code not in self._supplements:
                self._supplements.append(each.code)
        self.slots.append(
            {
                "kind": main.kind,
                "code": main.code,
                "name": self._name(main),
                "text": filled.text,
                "unit": filled.unit,
                "working": filled.working,
                "how": "，".join(piece.part.modifiers),
                "missing": filled.missing,
                "provisional": filled.provisional,
            }
        )
        return len(self.slots) - 1

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "year": self.book.year,
            "township": self.book.township.name,
            **self._words_of_parts(),
            "here": self.settings.township.words.here,
            "places": [[place.name, place.terrain] for place in self._places],
            "slots": self.slots,
            "indicators": self._indicators,
            "lists": self._lists,
            "targets": {target.code: self._target(target.code) for target in self.catalogue.targets.values()},
            "texts": {text.key: text.definition for text in self.catalogue.texts.values()},
            "supplements": {name: _given(self.book.own.given(name)) for name in self._supplements},
            "files": self._files.strings,
            "sheets": self._sheets.strings,
        }

    def _words_of_parts(self) -> dict[str, str]:
        """What the places right below the whole are called; nothing where those are its units."""
        parts = self.book.parts
        return {"part": levels()[parts[0].level].name, "parts": parts_sheet(parts[0].level)} if parts else {}

    def _name(self, main: Source) -> str:
        match main.kind:
            case "figure" | "last":
                return self.catalogue.indicators[main.code].name
            case "target" | "last_target":
                return self.catalogue.targets[main.code].name
            case "text":
                return self.catalogue.texts[main.code].name
        return main.code

    def _target(self, code: str) -> dict[str, Any]:
        target = self.catalogue.targets[code]
        now, last = self.book.targets.get(code), self.book.last_targets.get(code)
        return {
            "name": target.name,
            "unit": target.unit,
            "definition": target.definition,
            "next": None if now is None else written(now),
            "this": None if last is None else written(last),
        }

    def _take_up(self, code: str) -> None:
        """An indicator, and those it is made of."""
        if code in self._indicators:
            return
        item = self.catalogue.indicators[code]
        self._indicators[code] = self._indicator(item)
        for other in (item.numerator, item.denominator, item.of):
            if other:
                self._take_up(other)
        if item.list and item.list not in self._lists:
            self._lists[item.list] = self._list(self.catalogue.lists[item.list])

    def _indicator(self, item: Indicator) -> dict[str, Any]:
        whole = self.book.figures.get((self.book.township.code, item.code))
        last, basis = self.book.before(item.code), self.book.basis(item.code)
        return {
            "name": item.name,
            "area": item.area,
            "unit": item.printed_in,
            "base": item.unit,
            "definition": item.definition,
            "total": item.total,
            "from": source(self.catalogue, item),
            "how": totalling(self.catalogue, item),
            "value": _shown(item, whole),
            "exact": written(whole.value) if whole and whole.value is not None else None,
            "last": _shown(item, last),
            **({"basis": basis} if basis else {}),
            "counted": [whole.units_counted, whole.units_expected] if whole else [0, 0],
            "provisional": bool(whole and whole.provisional),
            "above": item.numerator,
            "below": item.denominator,
            "times": item.times,
            "of": item.of,
            "terrain": item.terrain,
            "list": item.list,
            "column": item.column,
            "where": dict(item.where),
            **({"parts": parts} if (parts := self._by_part(item)) else {}),
            "rows": (rows := self._by_place(item)),
            **({"cut": True} if self._is_cut and len(rows) >= LARGEST else {}),
        }

    def _by_part(self, item: Indicator) -> list[list[Any]]:
        """Of a county a row per township that has the figure: name, printed, exact in base units, last year printed,
        how many of its units are in and how many should be, what balancing moved.
        """
        rows = []
        for part in self.book.parts:
            key = (part.code, item.code)
            if figure := self.book.figures.get(key):
                exact = None if figure.value is None else written(figure.value)
                counted = [figure.units_counted, figure.units_expected]
                last = _shown(item, self.book.last.get(key))
                rows.append([part.name, _shown(item, figure), exact, last, *counted, self._moved(key)])
        return rows

    def _by_place(self, item: Indicator) -> list[list[Any]]:
        """One row per place that has or should have the figure.

        Place, printed, exact in base units, last year printed, file, sheet, cell, raw, note, explanation, adjustment.
        """
        rows = []
        for place in sorted(self._chosen.get(item.code, ()), key=self._numbers.__getitem__):
            key = (place, item.code)
            figure, origin = self._figures.get(key), self.lineage.get(key)
            if figure is None and origin is None:
                continue
            origin = origin or _NOTHING
            exact = written(figure.value) if figure and figure.value is not None else None
            rows.append(
                [
                    self._numbers[place],
                    _shown(item, figure),
                    exact,
                    _shown(item, self._last.get(key)),
                    self._files.of(origin.file),
                    self._sheets.of(origin.sheet),
                    *(origin.cell, origin.raw, origin.note, origin.explanation),
                    self._moved(key),
                ]
            )
        return rows

    def _list(self, line_list: LineList) -> dict[str, Any]:
        """A line list's rows: place, file, sheet, then per column what it says and its cell."""
        listed = self._rows.get(line_list.code, [])
        return {
            "name": line_list.name,
            **({"all": len(listed)} if len(listed) > MOST_ROWS else {}),
            "columns": [[column.code, column.name, column.unit] for column in line_list.columns],
            "rows": [self._list_row(line_list, row) for row in listed[:MOST_ROWS]],
        }

    def _list_row(self, line_list: LineList, row: ListRow) -> list[Any]:
        origins = [self.lineage.get((row.unit_code, cell_key(c.code, row.row_no)), _NOTHING) for c in line_list.columns]
        known = next((origin for origin in origins if origin.file), _NOTHING)
        cells = [row.cells.get(column.code) for column in line_list.columns]
        words = ["" if cell is None else cell if isinstance(cell, str) else written(cell) for cell in cells]
        where = [self._files.of(known.file), self._sheets.of(known.sheet)]
        return [self._numbers.get(row.unit_code, -1), *where, words, [origin.cell for origin in origins]]


def _given(one: Supplement) -> dict[str, Any]:
    """A figure given by hand: what it is and says, whence, by whom and when, in which cell."""
    said = {"value": one.value, "last": one.last}
    words = {"unit": one.unit, "meaning": one.meaning, "source": one.source, "by": one.by, "on": one.on}
    numbers = {key: None if value is None else written(value) for key, value in said.items()}
    return {**numbers, **words, "place": one.place, "lacks": one.lacks}


def _shown(item: Indicator, figure: Figure | None) -> str | None:
    """A figure as printed: its names or words, its number, or None."""
    if figure is None:
        return None
    if item.is_text:
        return figure.text or None
    return None if figure.printed is None else written(figure.printed)
