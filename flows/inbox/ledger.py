"""The ledger: which files of the inbox still have to be read, and which place in the store each reading gets.

A file is due when it is new, when how files are read has changed since, or when it came back after a later one was
withdrawn. Where only how it is judged has changed, or the clerk's corrections of its unit, its stored reading is judged
again and no file is opened.

A file of several units (a wide form with a row for each, or a sheet for each) is one file in the inbox, in the archive
and when it is read, and several submissions: a submission is known by the file's SHA-256 and its part, which names the
sheet and row of these very bytes (`表1!7`) or the sheet (`某村!`); a file of one unit has the part ''. So a row
keeps its place when the file is read again, and every revision, fact and correction points to the one archived file.
It is stored whole: all its rows in one transaction, also under `--only`, so that a file that is known at all is known
completely. Whether it is due is asked of each part, and only the parts that are get a place; whether it is to be read
by other rules is asked of the file. A part that is nobody's and that a later reading does not find again is taken out,
which the journal is told (`Gone`); a unit's stays among its revisions. What by a changed roster, or by other rules, is
another's or nobody's is taken from the unit that had it: it never counts for two. One unit in two rows of a file is
TWO_FILES, as in two files. A second file with the same bytes is one copy, whatever it holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flows.inbox.archive import archived_as
from flows.inbox.owner import owner_of
from flows.inbox.rules import Rules
from flows.inbox.submission import Submission
from flows.inbox.taken import Inbox
from flows.reading.folded import unfolded
from flows.reading.records import Reading, Received
from flows.store.journal import Sent
from flows.store.store import Copy, Known, Store
from schemas.adopted import REST, WHOLE
from schemas.catalogue import Catalogue
from schemas.corrections import Correction, Written
from schemas.corrections import placed as placed_correction
from schemas.errors import InputError
from schemas.roster import Unit, named_units
from schemas.states import FAILED

if TYPE_CHECKING:
    import pandas as pd


class Ledger:
    """A year's known files as the store has them, before this run reads anything."""

    def __init__(self, store: Store, year: int, rules: Rules) -> None:
        self.year, self.rules = year, rules
        self.known = store.latest(year)
        self.of_file: dict[str, list[Known]] = {}
        for one in self.known.values():
            self.of_file.setdefault(one.sha256, []).append(one)
        self.next_id, self.revisions = store.next_id(), store.next_revisions(year)
        self._named = set[tuple[str | None, str, str]]()
        """What the journal gives to whom: a unit's code, None for nobody; the bytes, the part."""
        self._numbers = dict[tuple[int, str, int], int]()
        """The numbers of the places that it names."""
        self.moved: dict[int, Known] = {}
        """By the number of a submission placed now: what it was as another unit's."""
        self.of_unit: dict[int, list[Known]] = {}
        for one in self.known.values():
            if one.unit_code is not None:
                self.of_unit.setdefault(one.unit_code, []).append(one)
        self.owed, self.last = store.owed(year), dict[tuple[int, str], int]()
        for one in self.known.values():
            self._count(one.unit_code, one.form, one.revision)
        self.newest = {
            one.sub_id for one in self.known.values() if self._newest_of(one.unit_code, one.form, one.revision)
        }

    def tell_lost(self, inbox: Inbox) -> None:
        """Say which known files the archive had lost and has again from the inbox."""
        for file in inbox.new:
            if file.sha256 in self.of_file:
                inbox.tell("ARCHIVE_LOST", file.file)

    def _covers(self, unit: int | None, form: str) -> tuple[str, ...]:
        """Which of the forms that the unit owes such a file is: our whole form, and what is none of them, is all."""
        owed = () if unit is None else self.owed.get(unit, (WHOLE,))
        return (form,) if form in owed else owed

    def _count(self, unit: int | None, form: str, revision: int) -> None:
        for each in self._covers(unit, form):
            assert unit is not None
            self.last[unit, each] = max(self.last.get((unit, each), 0), revision)

    def _newest_of(self, unit: int | None, form: str, revision: int) -> set[str]:
        """The forms of which that revision is the unit's newest."""
        return {each for each in self._covers(unit, form) if unit is not None and self.last[unit, each] == revision}

    def _changed(self, one: Known) -> bool:
        return self._read_otherwise(one) or self._judged_otherwise(one)

    def _read_otherwise(self, one: Known) -> bool:
        return one.reading_version != self.rules.reading

    def _judged_otherwise(self, one: Known) -> bool:
        """Whether it was judged by other rules or another roster, or a unit's newest with other corrections."""
        if one.sub_id in self.newest:
            return one.rules_version != self.rules.of(one.unit)
        return one.rules_version.partition("+")[0] != self.rules.held_to

    def outdated(self) -> list[Known]:
        """Each unit's newest submission that other rules read or judged."""
        known = self.known.values()
        return [one for one in known if one.sub_id in self.newest and not one.contested and self._changed(one)]

    def due(self, inbox: Inbox, retry: bool) -> list[Received]:
        """The files of the inbox to read, each content once."""
        present = {file.sha256 for file in inbox.files}
        firsts = {file.sha256: file for file in reversed(inbox.files)}
        found = []
        for file in (file for file in inbox.files if firsts[file.sha256] is file):
            parts = self.of_file.get(file.sha256, ())
            if all(map(self._read_otherwise, parts)):
                found.append(file)
            elif any(self._is_due(one, present, retry) for one in parts):
                due = (one.part for one in parts if self._is_due(one, present, retry) or self._judged_otherwise(one))
                found.append(msgspec.structs.replace(file, due=tuple(due)))
        return found

    def _is_due(self, one: Known, present: set[str], retry: bool) -> bool:
        """Whether a submission of the present rules is to be made anew: it failed, or it is its unit's word again."""
        if retry and one.state in FAILED:
            return True
        if one.unit_code is None:
            return False
        forms = set(self._covers(one.unit_code, one.form))
        later = [
            other
            for other in self.of_unit[one.unit_code]
            if other.revision > one.revision and forms.intersection(self._covers(one.unit_code, other.form))
        ]
        withdrawn = not any(other.sha256 in present or other.restored_from for other in later)
        return bool(later) and withdrawn  # an earlier file came back: it is the unit's word again

    def away(self, inbox: Inbox, archive: Path) -> list[Received]:
        """Submissions that count but whose file has left the inbox, to be read again by changed rules."""
        changed = [one for one in self._absent(inbox) if self._read_otherwise(one)]
        return [
            msgspec.structs.replace(file, path=str(archived_as(archive, file.sha256))) for file in _files_of(changed)
        ]

    def judged_otherwise(self, inbox: Inbox, read_again: Iterable[Received]) -> list[Received]:
        """Submissions whose stored reading is to be judged again, in the inbox or away; not those read again."""
        left_out = {file.sha256 for file in read_again}
        firsts = {file.sha256: file.file for file in reversed(inbox.files)}
        here = [one for one in self.known.values() if one.sha256 in firsts]
        changed = [
            one for one in (*here, *self._absent(inbox)) if one.sha256 not in left_out and self._judged_otherwise(one)
        ]
        return [msgspec.structs.replace(file, file=firsts.get(file.sha256, file.file)) for file in _files_of(changed)]

    def _absent(self, inbox: Inbox) -> list[Known]:
        """Each unit's newest submission where its file has left the inbox; what was refused as one of two stays so."""
        present = {file.sha256 for file in inbox.files}
        return [
            one
            for of_unit in self.of_unit.values()
            for one in of_unit
            if one.sub_id in self.newest and one.sha256 not in present and not one.contested
        ]

    def place(
        self, readings: Iterable[Reading], units: Sequence[Unit], only: Sequence[Unit], files: Iterable[Received]
    ) -> "tuple[list[Submission], pd.DataFrame, list[int]]":
        """Give each reading its owner, number and revision; returns them, their rows, and the numbers they replace.

        The parts of a file stand together.
        """
        import pandas as pd  # heavy: pandas

        placed, rows, replaced = [], [], []
        now, of = datetime.now(UTC), {file.sha256: file for file in files}
        for whole in sorted(readings, key=lambda one: one.file):
            owned = [(reading, owner_of(unfolded(reading), units, self.year)) for reading in whole.each()]
            if only and not any(owner.unit in only for _, owner in owned):
                continue
            for reading, owner in owned:
                code = owner.unit.code if owner.unit else None
                one = self.known.get((reading.sha256, reading.part))
                if one and not of[reading.sha256].is_due(reading.part):
                    continue
                kept = one if one and self._keeps_place(one, code) else None
                sub_id, revision = (kept.sub_id, kept.revision) if kept else self._new_place(code)
                if one and one.unit not in (None, code):
                    self._move(one, sub_id)
                self._count(owner.unit and int(owner.unit.code), reading.form, revision)
                placed.append(Submission(sub_id, reading, owner, revision))
                rows.append(self._row(placed[-1], of[reading.sha256].size) | _since(kept, self.moved.get(sub_id), now))
                replaced += [sub_id] if kept else []
        self._correct_newest(placed)
        return placed, pd.DataFrame(rows), replaced

    def _move(self, one: Known, sub_id: int) -> None:
        """Take it from the unit that had it, of whose others one is the newest now."""
        assert one.unit_code is not None
        self.moved[sub_id] = one
        self.of_unit[one.unit_code].remove(one)
        self.last = {key: revision for key, revision in self.last.items() if key[0] != one.unit_code}
        for other in self.of_unit[one.unit_code]:
            self._count(one.unit_code, other.form, other.revision)

    def gone(self, readings: Iterable[Reading]) -> list[Known]:
        """Nobody's submissions of these files that reading them again has not found: the file is read otherwise now."""
        return [
            one
            for whole in readings
            for one in self.of_file.get(whole.sha256, ())
            if one.unit_code is None and one.part not in {reading.part for reading in whole.each()}
        ]

    def expect(self, sent: Iterable[Sent]) -> None:
        """Keep the places that the journal names for what it gives them to, and the numbers in its order, before any is
        placed again."""
        for number, line in enumerate(sent, start=self.next_id):
            self._numbers[line.place], self.next_id = number, number + 1
            self._named.add((line.unit, line.sha256, line.part))
            if line.unit:
                self._take(int(line.unit), line.revision)

    def _take(self, unit: int, revision: int) -> None:
        self.revisions[unit] = max(self.revisions.get(unit, 1), revision + 1)

    def place_again(
        self,
        sent: Sequence[Sent],
        readings: Mapping[tuple[str, str], Reading],
        units: Sequence[Unit],
        catalogue: Catalogue,
    ) -> "tuple[list[Submission], pd.DataFrame]":
        """Give files, or their parts, the places that the journal names; what present rules take for another unit's
        gets a new one, unless the journal gives it to that unit too.

        A unit's newest submission has the corrections that hold now, an older one those it was judged with: so what the
        journal names later is to be placed before what it names earlier.
        """
        import pandas as pd  # heavy: pandas

        placed, rows = [], []
        for line in sent:
            reading = msgspec.structs.replace(readings[line.sha256, line.part], file=line.file)
            owner = owner_of(unfolded(reading), units, self.year)
            code = owner.unit.code if owner.unit else None
            number, revision = self._numbers[line.place], line.revision
            if code != line.unit:
                if (code, line.sha256, line.part) in self._named:
                    continue
                revision = self._next_revision(code)
            if code:
                self._take(int(code), revision)
                self._count(int(code), reading.form, revision)
            placed.append(Submission(number, reading, owner, revision, _said(line, catalogue, units)))
            rows.append(self._row(placed[-1], line.size))
            rows[-1] |= {"received_at": line.at, "restored_from": line.restored_from}
        self._correct_newest(placed)
        return placed, pd.DataFrame(rows)

    def _correct_newest(self, placed: Sequence[Submission]) -> None:
        for item in placed:
            unit = item.owner.unit
            if unit and (forms := self._newest_of(int(unit.code), item.reading.form, item.revision)):
                due = self.rules.corrections.by_unit.get(unit.code, ())
                asked = self.owed.get(int(unit.code), (WHOLE,))
                item.corrections = tuple(each for each in due if forms & self._asking(each, asked))

    def _asking(self, correction: Correction, owed: tuple[str, ...]) -> set[str]:
        """Which of the forms that a unit owes ask what is corrected; all of them where none is known to."""
        code = correction.item.code
        asking = {key for key in owed if code in self.rules.forms.get(key, ())}
        return asking or {*owed} & {REST, WHOLE} or {*owed}

    def _keeps_place(self, one: Known, code: str | None) -> bool:
        """Whether a file read again keeps its number: its owner is the same and the rules or its reading changed."""
        return one.unit == code and (self._changed(one) or one.state in FAILED)

    def _new_place(self, code: str | None) -> tuple[int, int]:
        number, self.next_id = self.next_id, self.next_id + 1
        return number, self._next_revision(code)

    def _next_revision(self, code: str | None) -> int:
        if code is None:
            return 0
        revision = self.revisions.get(int(code), 1)
        self.revisions[int(code)] = revision + 1
        return revision

    def _row(self, item: Submission, size: int) -> dict:
        reading, unit = item.reading, item.owner.unit
        return {
            "sub_id": item.sub_id,
            "year": self.year,
            "unit_code": int(unit.code) if unit else None,
            "revision": item.revision,
            "sha256": reading.sha256,
            "file": reading.file,
            "size": size,
            "part": reading.part,
            "form": reading.form,
            "format": reading.format,
            "form_version": reading.form_version,
            "reading_version": self.rules.reading,
            "rules_version": self.rules.of(unit.code if unit else None),
            "preparer": reading.cover.get("填表人"),
            "reviewer": reading.cover.get("审核人"),
            "phone": reading.cover.get("联系电话"),
            "filled_on": reading.cover.get("填表日期"),
        }


def _files_of(known: Iterable[Known]) -> list[Received]:
    """The files of these submissions, each once with the parts that they are; where the file is, is not said."""
    found: dict[str, list[Known]] = {}
    for one in known:
        found.setdefault(one.sha256, []).append(one)
    return [
        Received("", parts[0].file, sha256, parts[0].size, due=tuple(one.part for one in parts))
        for sha256, parts in found.items()
    ]


def _since(kept: Known | None, moved: Known | None, now: datetime) -> dict:
    """When it was received, and what it restored, which reading it again does not change."""
    was = kept or moved
    return {
        "received_at": was.received_at if was else now,
        "restored_from": kept.restored_from if kept else None,
    }


def lines_of(placed: Sequence[Submission], rows: "pd.DataFrame") -> Iterator[Sent]:
    """What the journal says of them; `rows` are their rows of base.submission."""
    import pandas as pd  # heavy: pandas

    said = rows.set_index("sub_id").to_dict("index")
    for item in placed:
        row = said[item.sub_id]
        yield Sent(
            at=row["received_at"].to_pydatetime(),
            year=row["year"],
            unit=item.owner.unit.code if item.owner.unit else None,
            revision=item.revision,
            sha256=row["sha256"],
            file=row["file"],
            size=row["size"],
            restored_from=None if pd.isna(row["restored_from"]) else int(row["restored_from"]),
            corrections=tuple(msgspec.to_builtins(each.written, builtin_types=(date,)) for each in item.corrections),
            part=row["part"],
        )


def _said(line: Sent, catalogue: Catalogue, units: Sequence[Unit]) -> tuple[Correction, ...]:
    """The corrections that the journal says it was judged with; what no longer fits the catalogue is left out."""
    found = []
    for each in line.corrections:
        try:
            found.append(placed_correction(msgspec.convert(each, Written), line.year, catalogue, units))
        except InputError:
            continue
    return tuple(found)


def copies_of(inbox: Inbox) -> list[Copy]:
    """Files with the bytes of another one, and that one's name."""
    firsts: dict[str, str] = {}
    return [(file, first) for file in inbox.files if (first := firsts.setdefault(file.sha256, file.file)) != file.file]


def may_be(file: Received, only: Sequence[Unit], units: Sequence[Unit]) -> bool:
    """Whether a file may be one of the units asked for: by its name, when its name says whose it is."""
    named = named_units([Path(file.file).stem], units) if only else []
    return not named or any(unit in only for unit in named)
