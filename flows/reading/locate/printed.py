"""What an adopted form prints, indexed once in a process, and the texts of a sheet that may be a filled copy of it."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property

from flows.reading.grid import Sheet, raw_and_kind
from flows.reading.locate.vocabulary import Words, plain
from schemas.adopted import AdoptedAnswer, AdoptedForm, AdoptedSheet, Label, Place

_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_TAIL = re.compile(r"[\s:：_＿.。]+$")


def key_of(text: str) -> str:
    """A printed text as compared: without spaces, half-width, whatever year it names."""
    return _YEAR.sub("年", plain(text)) if "年" in text else plain(text)


def code_key(text: str) -> str:
    """A code as compared: a spreadsheet program that takes it for a number drops the zeros before it."""
    return plain(text).upper().lstrip("0")


def label_word(text: str) -> str:
    """The words of a label without the colon or the line to write on: 填报单位."""
    return _TAIL.sub("", unicodedata.normalize("NFKC", text).strip())


class Texts:
    """Everything that is written on a sheet, by what it says; covered cells are left out."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.keys: dict[Place, str] = {}
        self.places: defaultdict[str, list[Place]] = defaultdict(list)
        spans = sheet.spans
        for row, values in enumerate(sheet.rows, start=sheet.top):
            covering = row in spans
            for column, value in enumerate(values, start=sheet.left):
                if value == "" or (covering and sheet.covered(row, column)):
                    continue
                key = key_of(value) if value.__class__ is str else raw_and_kind(value)[0]
                if key:
                    self.keys[row, column] = key
                    self.places[key].append((row, column))

    def right_end(self, place: Place) -> int:
        """The last column that a head written there stands over: its merged area, or up to the next head."""
        row, column = place
        merge = self.sheet.merge(row, column) if row in self.sheet.spans else None
        if merge:
            return merge[3]
        column += 1
        while column <= self.sheet.right and self.sheet.cell(row, column)[1] == "blank":
            column += 1
        return column - 1


class PrintedSheet:
    """One sheet of an adopted form as its copies are compared with it."""

    def __init__(self, about: AdoptedSheet) -> None:
        self.about = about
        own = {cell.label.place for cell in about.identity} | {cell.place for cell in about.identity}
        self.at: dict[Place, str] = {
            (row, column): key
            for row, column, text in about.printed
            if (key := key_of(text)) and (row, column) not in own
        }
        self.counts = Counter(self.at.values())
        self.unique = {key: place for place, key in self.at.items() if self.counts[key] == 1}
        self.told = {(row, column): text for row, column, text in about.printed}

    @cached_property
    def size(self) -> int:
        """How many texts it prints."""
        return len(self.at)

    def found(self, texts: Texts) -> int:
        """How many of them a sheet has, each counted as often as it is printed."""
        places = texts.places
        return sum(min(count, len(places[key])) for key, count in self.counts.items() if key in places)

    def missing(self, texts: Texts) -> list[str]:
        """The printed texts that a sheet lacks, in the order of the form."""
        left = Counter({key: count - len(texts.places.get(key, ())) for key, count in self.counts.items()})
        gone = []
        for place in sorted(self.at):
            key = self.at[place]
            if left[key] > 0:
                left[key] -= 1
                gone.append(" ".join(self.told[place].split()))
        return gone

    @cached_property
    def alike(self) -> list["Alike"]:
        """The rows with answers of their own, those of the same name and code together."""
        groups: dict[tuple[object, ...], dict[int, AdoptedAnswer]] = {}
        labels: dict[tuple[object, ...], tuple[tuple[Label, ...], tuple[Label, ...]]] = {}
        for block in self.about.blocks:
            for answer in block.answers if block.orientation in ("vertical", "cross") else ():
                names, codes = own_labels(answer, "name"), own_labels(answer, "code")
                signature = tuple(key_of(name.text) for name in names), *(code_key(code.text) for code in codes[-1:])
                groups.setdefault(signature, {}).setdefault(answer.place[0], answer)
                labels.setdefault(signature, (names, codes))
        return [Alike([rows[row] for row in sorted(rows)], *labels[signature]) for signature, rows in groups.items()]

    @cached_property
    def paths(self) -> dict[int, tuple[Label, ...]]:
        """The heads over each column that people fill in."""
        paths: dict[int, tuple[Label, ...]] = {}
        for block in self.about.blocks:
            paths |= {answer.place[1]: answer.column_labels for answer in block.answers}
            paths |= {one.column: one.labels for one in block.unit_columns}
        return paths

    @cached_property
    def columns(self) -> dict[str, list[int]]:
        """The columns of labels by kind, that with the most first."""
        answers = [answer for block in self.about.blocks for answer in block.answers]
        kinds: dict[str, Counter[int]] = {}
        for label in (label for answer in answers for label in answer.row_labels):
            kinds.setdefault(label.kind, Counter())[label.place[1]] += 1
        return {kind: [column for column, _ in count.most_common()] for kind, count in kinds.items()}


class Alike:
    """Answers in rows of the same name and code, most often one; names and codes are those of the first."""

    def __init__(self, answers: list[AdoptedAnswer], names: tuple[Label, ...], codes: tuple[Label, ...]) -> None:
        self.answers, self.names, self.codes = answers, names, codes
        self.rows = [answer.place[0] for answer in answers]
        self.name_keys = [(key_of(name.text), name.place) for name in names]
        self.code_keys = [(code_key(code.text), code.place) for code in codes]
        self.told = " ".join(label.text.strip() for label in (*codes[-1:], *names[-1:]))


def own_labels(answer: AdoptedAnswer, kind: str) -> tuple[Label, ...]:
    """An answer's labels of that kind in its own row; where all stand further up, merged over it, the innermost."""
    labels = tuple(label for label in answer.row_labels if label.kind == kind)
    return tuple(label for label in labels if label.place[0] == answer.place[0]) or labels[-1:]


class PrintedForm:
    """An adopted form, its sheets indexed."""

    def __init__(self, form: AdoptedForm) -> None:
        self.form = form
        self.sheets = [PrintedSheet(sheet) for sheet in form.sheets]
        self.codes = {answer.code for sheet in form.sheets for block in sheet.blocks for answer in block.answers}
        self.lists = {block.list_code for sheet in form.sheets for block in sheet.blocks if block.list_code}


def forms_of(words: Words) -> Iterator[PrintedForm]:
    """The adopted forms that are wanted, indexed when they are first asked for."""
    if not words.adopted:
        words.adopted = [PrintedForm(form) for form in words.wanted.adopted]
    yield from words.adopted
