"""Where each answer of an adopted form stands on a filled copy: in its row, told by its labels, under its heads.

Rows may be moved, rows and columns inserted: no address of the form is taken for one of the copy. A place is told by
the texts around it alone; where they tell none, or several, that is said and nothing is taken.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from flows.reading.locate.printed import Alike, PrintedSheet, Texts, code_key, key_of, own_labels
from schemas.adopted import AdoptedAnswer, AdoptedBlock, Label, Place

Why = Literal["missing", "several", "conflict"]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Why an answer has no place: its row or head is gone, several are like it, or its labels contradict each other."""

    why: Why
    told: str = ""
    places: tuple[Place, ...] = ()


class Aligned:
    """One sheet of a form laid over one of a copy."""

    def __init__(self, printed: PrintedSheet, texts: Texts) -> None:
        self.printed, self.texts, self.sheet = printed, texts, texts.sheet
        rows: defaultdict[int, Counter[int]] = defaultdict(Counter)
        columns: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for key, (row, column) in printed.unique.items():
            places = texts.places.get(key, ())
            if len(places) == 1:
                rows[row][places[0][0]] += 1
                columns[column][places[0][1]] += 1
        self.rows = {row: votes.most_common(1)[0][0] for row, votes in rows.items()}
        self._votes = columns
        self._columns = {column: votes.most_common(1)[0][0] for column, votes in columns.items()}
        self._heads: dict[tuple[int, tuple[Label, ...]], int | Unplaced] = {}

    @cached_property
    def row_of(self) -> dict[int, int | Unplaced]:
        """Each row of the form that has answers, and where it is on the copy."""
        found: dict[int, int | Unplaced] = {}
        for alike in self.printed.alike:
            found |= self._rows_of(alike)
        taken = Counter(row for row in found.values() if isinstance(row, int))
        for row, place in found.items():
            if isinstance(place, int) and taken[place] > 1:
                found[row] = Unplaced("several", "第几行同时像两项", ((place, self.sheet.left),))
        return found

    def place_of(self, answer: AdoptedAnswer, block: AdoptedBlock) -> Place | Unplaced:
        """The cell of an answer that has a row of its own."""
        row = self.row_of[answer.place[0]]
        if isinstance(row, Unplaced):
            return row
        column = self.column_of(answer.place[1], answer.column_labels, block)
        return column if isinstance(column, Unplaced) else (row, column)

    def label_column(self, column: int) -> int | None:
        """Where a column of names, codes or units is; None when nothing printed in it tells."""
        if column in self._columns:
            return self._columns[column]
        votes: Counter[int] = Counter()
        for (row, at), key in self.printed.at.items():
            copied = self.rows.get(row) if at == column else None
            if copied is not None:
                votes.update({place[1] for place in self.texts.places.get(key, ()) if place[0] == copied})
        if not votes:
            return None
        self._columns[column] = votes.most_common(1)[0][0]
        return self._columns[column]

    def column_of(self, column: int, labels: tuple[Label, ...], block: AdoptedBlock) -> int | Unplaced:
        """The column under those heads; without any, the one that stands so between the columns around it."""
        known = (column, labels)
        if known not in self._heads:
            heads = [label for label in labels if label.kind != "number"]
            self._heads[known] = self._under(column, labels, block) if heads else self._between(column, block)
        return self._heads[known]

    def _under(self, column: int, labels: tuple[Label, ...], block: AdoptedBlock) -> int | Unplaced:
        heads = [label for label in labels if label.kind != "number"]
        first = self._first_row(block)
        covers = [self._covered(label, column, first) for label in heads]
        told = "、".join(label.text for label in heads)
        candidates = set.intersection(*covers) - self._label_columns(block)
        if not candidates:
            return Unplaced("missing", told)
        alike = sorted(self._alike(heads))
        if len(candidates) > 1 and len(candidates) == len(alike):
            return sorted(candidates)[alike.index(column)]
        if len(candidates) > 1:
            for label in labels:
                numbered = self._covered(label, column, first) if label.kind == "number" else set()
                if len(candidates & numbered) == 1:
                    return (candidates & numbered).pop()
            return Unplaced("several", told, tuple((first - 1, at) for at in sorted(candidates)))
        return candidates.pop() if len(alike) == 1 else Unplaced("missing", told)

    def _covered(self, label: Label, column: int, first: int) -> set[int]:
        """The columns that a head stands over on the copy."""
        wide = label.place[1] != column or self._spans(label)
        copied = self.rows.get(label.place[0])
        covered: set[int] = set()
        for place in self.texts.places.get(key_of(label.text), ()):
            if place[0] < first and (copied is None or place[0] == copied):
                covered.update(range(place[1], (self.texts.right_end(place) if wide else place[1]) + 1))
        return covered

    def _spans(self, label: Label) -> bool:
        """Whether the head stands over several columns of the form's answers."""
        return sum(label in labels for labels in self.printed.paths.values()) > 1

    def _alike(self, heads: Sequence[Label]) -> set[int]:
        """The columns of the form with heads of these very words."""
        words = [key_of(label.text) for label in heads]
        return {
            column
            for column, labels in self.printed.paths.items()
            if [key_of(label.text) for label in labels if label.kind != "number"] == words
        }

    def _label_columns(self, block: AdoptedBlock) -> set[int]:
        printed = {column for columns in self.printed.columns.values() for column in columns}
        return {found for column in printed if (found := self.label_column(column)) is not None}

    def _first_row(self, block: AdoptedBlock) -> int:
        """The first row of the copy that is no head of the block any more."""
        if block.orientation in ("wide", "list"):
            return self.head_end(block) + 1
        rows = [row for answer in block.answers if isinstance(row := self.row_of[answer.place[0]], int)]
        return min(rows, default=self.sheet.bottom + 1)

    def head_end(self, block: AdoptedBlock) -> int:
        """The last row of a block's heads on the copy."""
        first, last = block.head_rows
        known = [self.rows[row] + last - row for row in range(first, last + 1) if row in self.rows]
        if not known:
            keys = {key for (row, _), key in self.printed.at.items() if first <= row <= last}
            known = [row for key in keys for row, _ in self.texts.places.get(key, ())]
        return max(known, default=self.sheet.top - 1)

    def foot(self, block: AdoptedBlock, after: int) -> int:
        """The first row under the answers in which the form prints something; else the row behind the last."""
        keys = {key for (row, _), key in self.printed.at.items() if row > block.last_row}
        rows = [row for key in keys for row, _ in self.texts.places.get(key, ()) if row > after]
        return min(rows, default=self.sheet.bottom + 1)

    def _between(self, column: int, block: AdoptedBlock) -> int | Unplaced:
        """A column without heads, counted from the nearest known ones on both sides, which must agree."""
        known = {at for at in self._columns if at != column} | {block.head_columns[1]}
        found = set()
        for side in (
            max((at for at in known if at < column), default=0),
            min((at for at in known if at > column), default=0),
        ):
            if side and (copied := self.label_column(side)) is not None:
                found.add(copied + column - side)
        return found.pop() if len(found) == 1 else Unplaced("several" if found else "missing", "没有栏名的一栏")

    def _rows_of(self, alike: Alike) -> dict[int, int | Unplaced]:
        """The rows of answers whose names and codes are the same; most often it is one."""
        rows, told = alike.rows, alike.told
        by_name = self._rows_with(alike.name_keys, rows[0], self.texts.places)
        by_code = self._rows_with(alike.code_keys, rows[0], self._coded) if alike.codes else by_name
        both = by_name & by_code if alike.names else by_code
        if not both:
            either = sorted(by_code or by_name)
            why = Unplaced("conflict", told, tuple((row, self.sheet.left) for row in either[:3]))
            return dict.fromkeys(rows, why if either and alike.names and alike.codes else Unplaced("missing", told))
        if len(rows) == len(both) == 1:
            return {rows[0]: both.pop()}
        several = Unplaced("several", told, tuple((row, self.sheet.left) for row in sorted(both)))
        if len(rows) != len(both):
            return dict.fromkeys(rows, several)
        return self._by_section(alike.answers, sorted(both)) or dict.fromkeys(rows, several)

    def _by_section(self, alike: Sequence[AdoptedAnswer], rows: Sequence[int]) -> dict[int, int | Unplaced]:
        """Rows of equal names, each to the one whose headings stand nearest above it; {} where that does not tell."""
        found: dict[int, int | Unplaced] = {}
        for row in rows:
            near = [(self._headings_above(answer, row), answer.place[0]) for answer in alike]
            best = max(near)
            owners = [at for told, at in near if told == best[0]]
            if len(owners) > 1:
                owners = [at for at in owners if self._name_above(at) == self._text_above(row)]
            if len(owners) != 1 or owners[0] in found:
                return {}
            found[owners[0]] = row
        return found

    def _headings_above(self, answer: AdoptedAnswer, row: int) -> tuple[int, ...]:
        """For each heading over the answer, innermost first: the row of the copy where it stands nearest above."""
        own = own_labels(answer, "name")
        sections = [each for each in answer.row_labels if each.kind in ("section", "name") and each not in own]
        return tuple(
            max((at for at, _ in self.texts.places.get(key_of(label.text), ()) if at <= row), default=-1)
            for label in reversed(sections)
        )

    def _name_above(self, row: int) -> str:
        """The name that the form prints in the row before."""
        return self.printed.at.get((row - 1, self._name_column(row)), "")

    def _text_above(self, row: int) -> str:
        column = self._name_columns[0] if self._name_columns else self.sheet.left
        return self.texts.keys.get((row - 1, self.label_column(column) or 0), "")

    def _name_column(self, row: int) -> int:
        return self._name_columns[0] if self._name_columns else self.sheet.left

    @property
    def _name_columns(self) -> list[int]:
        return self.printed.columns.get("name", [])

    def _rows_with(self, keys: Sequence[tuple[str, Place]], row: int, places: Mapping[str, list[Place]]) -> set[int]:
        """The rows of the copy that have all these labels where the form's row has them."""
        found: set[int] | None = None
        for key, place in keys:
            column, down = self.label_column(place[1]), row - place[0]
            here = {at + down for at, across in places.get(key, ()) if column in (None, across)}
            found = here if found is None else found & here
        return found or set()

    @cached_property
    def _coded(self) -> dict[str, list[Place]]:
        """Everything in the columns of codes, by what it says as a code."""
        columns = {self.label_column(column) for column in self.printed.columns.get("code", ())}
        coded: dict[str, list[Place]] = {}
        for place, key in self.texts.keys.items():
            if None in columns or place[1] in columns:
                coded.setdefault(code_key(key), []).append(place)
        return coded
