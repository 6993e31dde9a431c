"""What an adopted form prints, indexed once in a process, and the texts of a sheet that may be a filled copy of it."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property

from flows.reading.grid import Sheet, raw_and_kind
from flows.reading.locate.vocabulary import Words, plain
from schemas.adopted import AdoptedForm, AdoptedSheet, Place

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
