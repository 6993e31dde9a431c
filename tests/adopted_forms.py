"""Adopted forms for the tests, written as the text table of the blank: what people fill in is marked in its cell.

    | {A01} |          an answer of the indicator A01
    | §人口 |          a heading of the rows under it (§§ of a heading within one); merged, of the rows that it spans
    | ?unit_name:填报单位： |    an identity cell whose words stand behind its label
    | ?filler>填表人 | |         one whose words stand in the cell to the right

Everything else is printed.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from schemas.adopted import (
    AdoptedAnswer,
    AdoptedBlock,
    AdoptedForm,
    AdoptedSheet,
    IdentityCell,
    Label,
    Orientation,
    UnitColumn,
    form_text,
)
from tests.settings_text import settings_text
from tests.text_tables import drawn, saved

_ANSWER = re.compile(r"\{(\w+)\}")
_IDENTITY = re.compile(r"\?(\w+)([:>])(.*)")


@dataclass
class Blank:
    """A blank form as its text table says, and how it was adopted. `labels` are columns by kind, `heads` rows."""

    text: str
    orientation: Orientation
    heads: tuple[int, int]
    labels: dict[str, int] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    choices: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    reason: int | None = None
    list_code: str = ""
    area: str = "人口"

    def book(self) -> openpyxl.Workbook:
        """The workbook as it is handed out, answers blank."""
        book = drawn(self.text)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and (_ANSWER.fullmatch(cell.value) or cell.value[:1] in "§?"):
                        cell.value = _as_printed(cell.value)
        return book

    def data(self) -> bytes:
        """Its bytes."""
        return saved(self.book())

    def form(self, sha256: str = "f0" * 32, kept: str = "form.xlsx") -> AdoptedForm:
        """The form as it was adopted."""
        sheets = tuple(self._sheet(sheet) for sheet in drawn(self.text))
        return AdoptedForm(sha256=sha256, kept=kept, file="表.xlsx", name=sheets[0].title, sheets=sheets)

    def asked(self) -> Iterator[tuple[str, str, str]]:
        """Code, a name of its own and unit of every indicator."""
        seen: set[str] = set()
        for sheet in self.form().sheets:
            for answer in sheet.blocks[0].answers:
                labels = answer.row_labels or answer.column_labels
                name = "".join(label.text for label in labels if label.kind in ("section", "name", "head"))
                name = re.sub(r"[^\w]", "", name.replace("其中", ""))
                unit = next((label.text for label in labels if label.kind == "unit"), "户").replace("—", "项")
                yield answer.code, name if name not in seen else f"{name}{answer.code}", unit
                seen.add(name)

    def _sheet(self, sheet) -> AdoptedSheet:
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        answers = [self._answer(sheet, cell) for cell in cells if _ANSWER.fullmatch(str(cell.value))]
        printed = [
            (cell.row, cell.column, _as_printed(str(cell.value)) or "")
            for cell in cells
            if not _ANSWER.fullmatch(str(cell.value))
        ]
        rows = [answer.place[0] for answer in answers]
        columns = self.labels.values() or self.units or [1]
        block = AdoptedBlock(
            orientation=self.orientation, head_rows=self.heads, head_columns=(min(columns), max(columns)),
            first_row=min(rows), last_row=max(rows), answers=tuple(answers), list_code=self.list_code,
            unit_columns=tuple(
                UnitColumn(key=key, column=at, labels=self._heads_over(sheet, at)) for at, key in self.units.items()
            ),
            reason_column=self.reason,
        )  # fmt: skip
        identity = tuple(_identity(cell) for cell in cells if str(cell.value).startswith("?"))
        return AdoptedSheet(
            name=sheet.title, title=str(sheet["A1"].value), area=self.area, blocks=(block,), printed=tuple(printed),
            identity=identity,
        )  # fmt: skip

    def _answer(self, sheet, cell) -> AdoptedAnswer:
        code = _ANSWER.fullmatch(cell.value)[1]
        rows = self._row_labels(sheet, cell.row)
        heads = self._heads_over(sheet, cell.column)
        name = next((label.text for label in rows if label.kind == "name"), "") or (heads[-1].text if heads else code)
        return AdoptedAnswer(
            code=code, place=(cell.row, cell.column), name=name, row_labels=rows, column_labels=heads,
            choices=self.choices.get(code, ()),
        )  # fmt: skip

    def _row_labels(self, sheet, row: int) -> tuple[Label, ...]:
        if self.orientation in ("wide", "list"):
            return ()
        own = [
            Label(kind=kind, text=str(sheet.cell(row, column).value), place=(row, column))
            for kind, column in self.labels.items()
            if sheet.cell(row, column).value is not None
        ]
        return (*_sections(sheet, row), *own)

    def _heads_over(self, sheet, column: int) -> tuple[Label, ...]:
        found = []
        for row in range(self.heads[0], self.heads[1] + 1):
            at = column
            spans = [each for each in sheet.merged_cells.ranges if each.min_row <= row <= each.max_row]
            for each in spans:
                if each.min_col <= column <= each.max_col:
                    row, at = each.min_row, each.min_col
            value = sheet.cell(row, at).value
            kind = "number" if str(value).isdigit() else "head"
            label = Label(kind=kind, text=str(value), place=(row, at))
            if value is not None and label not in found:
                found.append(label)
        return tuple(found)


def _kind(choices: Sequence[tuple[str, str]], unit: str) -> str:
    if not choices:
        return f'unit = "{unit}"\ndecimals = 2\n'
    named = ", ".join(f'"{choice}"' for choice in dict.fromkeys(choice for _, choice in choices))
    return f'unit = ""\ntype = "choice"\nchoices = [{named}]\nminimum = 0\n'


def _as_printed(text: str) -> str | None:
    identity = _IDENTITY.fullmatch(text)
    if _ANSWER.fullmatch(text):
        return None
    return identity[3] if identity else text.lstrip("§")


def _identity(cell) -> IdentityCell:
    key, how, text = _IDENTITY.fullmatch(cell.value).groups()
    place = (cell.row, cell.column)
    to = place if how == ":" else (cell.row, cell.column + 1)
    return IdentityCell(key=key, label=Label(kind="name", text=text, place=place), place=to)


def _sections(sheet, row: int) -> list[Label]:
    """The headings over a row: the nearest of each depth above it, or merged beside it."""
    found: dict[int, Label] = {}
    for cells in sheet.iter_rows(max_row=row):
        for cell in cells:
            if isinstance(cell.value, str) and cell.value.startswith("§"):
                depth = len(cell.value) - len(cell.value.lstrip("§"))
                found = {at: label for at, label in found.items() if at < depth}
                found[depth] = Label(kind="section", text=cell.value.lstrip("§"), place=(cell.row, cell.column))
    return [found[depth] for depth in sorted(found)]


VILLAGES = (
    "东风村", "南桥村", "西岭村", "北坪村", "上河村", "下河村", "石门村", "白杨村",
    "青松村", "红旗村", "新民村", "和平村", "太阳村", "月亮湾村", "双溪社区",
)  # fmt: skip
YEAR = 2023
_SETTINGS = settings_text("660505505", "云岭镇", 2023)


def township(
    folder: Path, blank: Blank, villages: Sequence[str] = VILLAGES, extra: str = "", also: Sequence[Blank] = ()
) -> Path:
    """Inputs of a township that collects this form, and those `also`, adopted; the inbox is empty. Returns the inbox.

    `extra` stands in the catalogue behind the figures of the first form's area.
    """
    catalogue = folder / "inputs" / "catalogue"
    kinds = ["社区" if name.endswith("社区") else "村" for name in villages]
    units = [f"6605055052{n:02d},{name},{kind}" for n, (name, kind) in enumerate(zip(villages, kinds, strict=True), 1)]
    texts = {
        "township.toml": _SETTINGS,
        "units.csv": "\n".join(["code,name,kind", *units]) + "\n",
        "catalogue/others.toml": "",
    }
    for number, one in enumerate((blank, *also), 1):
        texts[f"catalogue/indicators/{number}.toml"] = _area(number, one, extra if one is blank else "")
    (catalogue / "indicators").mkdir(parents=True)
    for name, text in texts.items():
        if text:
            (folder / "inputs" / name).write_text(text, encoding="utf-8")
    forms = catalogue / "forms"
    forms.mkdir()
    for one in (blank, *also):
        data = one.data()
        sha256 = hashlib.sha256(data).hexdigest()
        (forms / f"{sha256}.xlsx").write_bytes(data)
        (forms / f"{sha256}.json").write_bytes(form_text(one.form(sha256, f"{sha256}.xlsx")))
    inbox = folder / "inputs" / str(YEAR) / "submissions"
    inbox.mkdir(parents=True)
    return inbox


def _area(number: int, blank: Blank, extra: str) -> str:
    """The catalogue's file of what a form asks."""
    indicators = [
        f'[indicators.{code}]\nname = "{name}"\ndefinition = "{name}。"\n' + _kind(blank.choices.get(code, ()), unit)
        for code, name, unit in blank.asked()
    ]
    area = f'[area]\nnumber = {number}\nname = "{blank.area}"\ntitle = "{blank.area}"'
    return "\n".join([area, *indicators, extra])
