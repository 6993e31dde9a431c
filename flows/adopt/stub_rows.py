"""The rows of a table at their left: which are figures and which headings, with their units and choices."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from flows.adopt import words
from flows.adopt.cell_states import BLANK, FILLED, FORMULA, TICKS, state
from flows.adopt.choices import Choices, choices_of, items, without_choices
from flows.adopt.families import Row, ordered
from flows.adopt.heads import Group, Table
from flows.adopt.pages import Page, Place


class StubRow(NamedTuple):
    """A row of a stub: where it stands on the page (None for a heading merged over several), and what is measured.

    `why` says how the unit is known, `places` are the decimals that the unit's own words ask for.
    """

    row: Row
    at: int | None = None
    unit: str = ""
    places: int | None = None
    offered: Sequence[tuple[str, str]] = ()
    why: str = ""


class Stub:
    """The rows of one group of columns, from the top."""

    def __init__(self, page: Page, table: Table, group: Group) -> None:
        self.page, self.table, self.group = page, table, group
        self.rows: list[StubRow] = []
        for row in table.body:
            self._row(row)
        ordered([one.row for one in self.rows])

    def _row(self, row: int) -> None:
        """One row of the body: a figure, a heading, or nothing."""
        page, group = self.page, self.group
        named = self.names(row)
        if not named:
            return
        place, raw = named[-1]
        merged = all(page.origin(row, column) == page.origin(place[0], column) for column in group.values)
        if place[0] != row and merged:  # a name and an answer merged over several rows are one figure
            return
        states = [state(page, row, column) for column in group.values]
        code = page.text(row, group.code) if group.code else ""
        unit_text = page.text(row, group.unit) if group.unit else ""
        own_value = all(page.origin(row, column) != place for column in group.values)
        asks = own_value and any(one in (BLANK, TICKS, FORMULA, FILLED) for one in states)
        is_answer = asks and not self._heads(row, raw, code, unit_text, place)
        stub = self._stub(row, place)
        name, unit, places, offered, why = self._measured(row, raw, unit_text)
        of_stub = words.plain(stub[-1]) if stub else ""
        if re.fullmatch(r"其中[:：]?", of_stub):
            stub, name = stub[:-1], f"其中：{name}"
        self._headings(stub)
        indent = page.at(*place).indent
        found = Row(name, self._depth(place), indent, unit, is_answer, stub, page.at(*place).bold)
        self.rows.append(StubRow(found, row, unit, places, offered, why))

    def names(self, row: int) -> list[tuple[Place, str]]:
        """The texts that name the row, from the left, each with where it stands; raw, for spaces indent."""
        found: list[tuple[Place, str]] = []
        for column in [*self.group.section, *self.group.name_columns]:
            place, raw = self.page.origin(row, column), self.page.at(row, column).text.rstrip()
            if raw.strip() and place not in [one for one, _ in found] and not words.is_dash(raw):
                found.append((place, raw))
        inner = [one for one in found if one[0][1] not in self.group.section]
        return found if inner else []

    def _stub(self, row: int, place: Place) -> tuple[str, ...]:
        """The headings merged over several rows at the left of a name, or standing once over the rows below them."""
        found = []
        for column in [*self.group.section, *self.group.name_columns]:
            if column >= place[1]:
                break
            origin = self.page.origin(row, column)
            text = self.page.text(row, column)
            if not text:
                origin, text = self._above(row, column)
            if text and not words.is_dash(text) and origin[1] < place[1] and text not in found:
                found.append(text)
        return tuple(words.tidied(words.numbered(text)[1]) for text in found)

    def _above(self, row: int, column: int) -> tuple[Place, str]:
        """A heading that stands once and is meant for the rows below it, in a column of headings that is not merged."""
        if column not in self.group.section:
            return (row, column), ""
        for one in reversed([each for each in self.table.body if each < row]):
            if text := self.page.text(one, column):
                return self.page.origin(one, column), text
        return (row, column), ""

    def _headings(self, stub: tuple[str, ...]) -> None:
        """A row for each merged heading that begins here."""
        before = self.rows[-1].row.stub if self.rows else ()
        for depth in range(1, len(stub) + 1):
            if stub[:depth] != before[:depth]:
                self.rows.append(StubRow(Row(stub[depth - 1], depth - 1, 0, "", False, stub[:depth])))

    def _depth(self, place: Place) -> int:
        columns = [*self.group.section, *self.group.name_columns]
        starts = sorted({column for column in columns if self._starts(column)})
        return starts.index(place[1]) if place[1] in starts else 0

    def _starts(self, column: int) -> bool:
        return any(self.page.text(r, column) and self.page.origin(r, column)[1] == column for r in self.table.body)

    def _heads(self, row: int, raw: str, code: str, unit_text: str, place: Place) -> bool:
        """Whether a row with an empty answer is but a heading for those below it."""
        group, page = self.group, self.page
        if page.span(*place)[3] >= min(group.values):
            return True
        if group.code is not None and group.code != group.order and self.coded > 0.6:
            return not code or words.is_dash(code)
        if group.unit is not None and self._measured_share > 0.8 and (not unit_text or words.is_dash(unit_text)):
            if code and not words.is_dash(code):
                return False
            return bool(page.at(*place).bold or words.numbered(raw)[0] in (1, 2))
        if group.unit is None and group.code is None:
            looks_like = page.at(*place).bold and words.numbered(raw)[0] in (1, 2)
            boxed = all(page.at(row, column).boxed for column in group.values)
            return (looks_like and not words.bracketed_unit(raw)[1]) or (not boxed and self._boxed)
        return False

    @property
    def coded(self) -> float:
        """How many of the named rows have a code."""
        return self._share(self.group.code)

    @property
    def _measured_share(self) -> float:
        return self._share(self.group.unit)

    def _share(self, column: int | None) -> float:
        """How many of the named rows have something in that column."""
        named = [row for row in self.table.body if any(self.page.text(row, c) for c in self.group.name_columns)]
        return sum(bool(self.page.text(row, column or 0)) for row in named) / max(1, len(named))

    @property
    def _boxed(self) -> bool:
        return any(self.page.at(row, column).boxed for row in self.table.body for column in self.group.values)

    def _measured(self, row: int, raw: str, unit_text: str) -> tuple[str, str, int | None, Choices, str]:
        """Name without unit and choices, the unit, decimals, choices, and how the unit is known."""
        page, group = self.page, self.group
        lead = raw[: len(raw) - len(raw.lstrip(" \t\u3000\xa0"))]
        name, offered = without_choices(raw.strip())
        said = [page.text(row, column) for column in group.values if state(page, row, column) == TICKS]
        said += [page.text(row, column) for column in (group.choice, group.note) if column] + [unit_text]
        offered = offered or next((found for text in said if (found := choices_of(text))), [])
        if words.known_unit(words.unit_and_places(unit_text)[0]):  # what is measured is no choice
            name, offered = raw.strip(), []
        rule = next((v for c in group.values if (v := page.validations.get((row, c)))), None)
        if rule and len(rule.choices) > 1:
            offered = items(rule.choices)
        unit, places = ("", None) if choices_of(unit_text) else words.unit_and_places(unit_text)
        why = "计量单位栏" if unit else ""
        bare, inside, inside_places = words.bracketed_unit(name)
        if inside_places is not None and places is None:
            places = inside_places
        if inside and (not unit or words.plain(unit) == inside):
            name, unit, why = bare, unit or inside, why or "名称后的括号"
        elif inside_places is not None and not inside:
            name = bare
        if not unit and group.unit is not None and unit_text in ("〃", "″", "同上", '"', "“", "”", "..") and self.rows:
            unit, why = self.rows[-1].unit, "同上"
        if not unit and not offered and not unit_text:
            cell_unit = [re.sub(r"[\s\u3000_＿()（）0.]", "", page.text(row, column)) for column in group.values]
            unit = next((one for one in cell_unit if words.known_unit(one)), "")
            why = "填报格里" if unit else ""
        return lead + name, unit, places, offered, why
