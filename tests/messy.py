"""The messy corpus: one workbook per mess and format, made from one form; see tests/data/messy.

A case is an edit of the form and what must come of it: the facts that are stored, each with its cell, the findings
with their cells, and whose the file is.

What LibreOffice makes of a case is kept in made.tar.xz under a hash of the workbook it was made from, for making it
costs as much as all other tests of reading together (53 s of a processor, 2026-11); what is not kept there is made on
the spot. `python -m tests.messy` writes the archive anew, all of it by the LibreOffice of this machine.
"""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from tests.binary_tables import binary
from tests.libreoffice import profile_in
from tests.text_tables import drawn, saved

DATA = Path(__file__).parent / "data" / "messy"
FORM = (DATA / "form.txt").read_text(encoding="utf-8")
FACTS = {
    key: (value, place) for key, value, place in map(str.split, (DATA / "facts.txt").read_text("utf-8").splitlines())
}
OF_FORMS = ("xlsx", "xlsm", "xls", "et", "ods", "xlsb")
OF_CELLS = ("xlsx", "xlsb", "csv")
MADE = DATA / "made.tar.xz"
OF_OFFICE = (("xls", "et"), ("ods", "ods"))
"""The formats that LibreOffice makes, each with the one that is the same under another name."""
SIGNS = str.maketrans({"⏎": "\n", "¤": "\u200b", "⍽": "\u00a0", "→": "\t"})
_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
LATEST = 900
"""Seconds after which LibreOffice has hung: beside other programs its 200 files have taken more than 180 (2026-11)."""


@dataclass
class Case:
    """One mess: its form, the formats it is tried in, and what is expected."""

    name: str
    formats: Sequence[str]
    text: str = FORM
    file: str = "三湾村"
    unit: str = "三湾村"
    facts: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(FACTS))
    findings: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    touches: list[list[str]] = field(default_factory=list)
    sheet: str = ""
    """The one that is saved as text."""

    def edit(self, old: str, new: str) -> None:
        """Change the form's text, wherever it stands."""
        assert old in self.text, (self.name, old)
        self.text = self.text.replace(old, new)

    def relocate(self, sheet: str, name: str, down: int = 0, right: int = 0) -> None:
        """Expect the facts of a sheet elsewhere."""
        for key, (value, place) in self.facts.items():
            on, _, cell = place.partition("!")
            if on == sheet:
                row = int(cell[1:]) + down
                self.facts[key] = (value, f"{name}!{chr(ord(cell[0]) + right)}{row}")

    def expected(self, format_: str) -> tuple[dict[str, tuple[str, str]], list[str], str]:
        """Facts, findings and owner in one format; text has but the one sheet that was saved."""
        facts, found = self.facts, [said for said, formats in self.findings if not formats or format_ in formats]
        if format_ == "csv":
            mine = {key: fact for key, fact in facts.items() if fact[1].startswith(self.sheet)}
            facts = {key: (value, place.replace(self.sheet, "")) for key, (value, place) in mine.items()}
            found = [said.replace(f" {self.sheet}", "") for said in found] + ["SHEET_MISSING"] * 2
        return facts, sorted(found), self.unit

    def book(self) -> Workbook:
        """The workbook, drawn and touched."""
        book = drawn(self.text)
        for name, deed, *words in self.touches:
            _TOUCHES[deed](book[name], *words)
        for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, str) and cell.data_type == "s":
                cell.value, cell.data_type = cell.value.translate(SIGNS), "s"
        return book


def _hide(sheet: Worksheet, place: str) -> None:
    (sheet.row_dimensions[int(place)] if place.isdigit() else sheet.column_dimensions[place]).hidden = True


def _filter(sheet: Worksheet, area: str) -> None:
    sheet.auto_filter.ref = area


def _protect(sheet: Worksheet) -> None:
    sheet.protection.enable()


def _comment(sheet: Worksheet, cell: str) -> None:
    sheet[cell].comment = Comment("含 99 户外来户", "张三")


def _freeze(sheet: Worksheet, cell: str) -> None:
    sheet.freeze_panes = cell


def _format(sheet: Worksheet, cell: str, code: str) -> None:
    sheet[cell].number_format = code


def _strike(sheet: Worksheet, area: str) -> None:
    for row in sheet[area] if ":" in area else ((sheet[area],),):
        for cell in row:
            cell.font = cell.font.copy(strike=True)


def _strike_first(sheet: Worksheet, cell: str, length: str = "1") -> None:
    """Strike out the first characters of a text."""
    text = sheet[cell].value
    sheet[cell].value = CellRichText([TextBlock(InlineFont(strike=True), text[: int(length)]), text[int(length) :]])


def _merge(sheet: Worksheet, area: str) -> None:
    sheet.merge_cells(area)


_TOUCHES = {
    "hide": _hide, "filter": _filter, "protect": _protect, "comment": _comment, "freeze": _freeze, "format": _format,
    "merge": _merge, "strike": _strike, "strikefirst": _strike_first,
}  # fmt: skip


def cases() -> list[Case]:
    """Every case, first those of one cell, then those of the whole form."""
    return [*_of_cells(), *_of_forms()]


def _lines(name: str) -> Iterator[str]:
    text = (DATA / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _of_cells() -> Iterator[Case]:
    for line in _lines("cells.txt"):
        name, code, content, value, finding, *formats = (part.strip() for part in line.split("|"))
        case = Case(name, formats[0].split() if formats and formats[0] else OF_CELLS)
        place = case.facts[code][1]
        case.sheet = place.partition("!")[0]
        case.text, changed = re.subn(rf"(?<=\| {code} \|)[^|]*", f" {content} ".replace("\\", r"\\"), case.text)
        assert changed == 1, line
        case.facts[code] = (value, place)
        case.findings = [(f"{finding} {place.replace('!', ' ')}", ())] if finding else []
        yield case


def _of_forms() -> Iterator[Case]:
    case, old = Case("", ()), ""
    for line in _lines("forms.txt"):
        mark, _, rest = line.partition(" ")
        if mark == "@":
            if case.name:
                yield case
            name, _, formats = rest.partition(" [")
            case = Case(name, formats.rstrip("]").split() or OF_FORMS)
        elif mark == "<":
            old = rest.replace("\\n", "\n")
        elif mark == ">":
            case.edit(old, rest.replace("\\n", "\n"))
        else:
            _expect(case, mark, rest)
    yield case


def _expect(case: Case, mark: str, rest: str) -> None:
    words = rest.split()
    formats, _, sign = mark.rpartition("!")
    if mark.endswith("!") and not sign:
        case.findings.append((rest, formats.split(",") if formats else ()))
    elif mark == "+":
        case.text += rest.replace("\\n", "\n") + "\n"
    elif mark == "~":
        case.touches.append([words[0], "merge", words[1]])
    elif mark == "%":
        case.touches.append(rest.split(maxsplit=3))
    elif mark == "move":
        case.relocate(words[0], words[0], int(words[1]), int(words[2]))
    elif mark == "sheet":
        case.relocate(*words)
    elif mark in ("file", "unit"):
        setattr(case, mark, "" if rest == "-" else rest)
    elif rest == "-":
        del case.facts[mark]
    else:
        case.facts[mark] = (" ".join(words[:-1]), words[-1])


def written(
    cases: Sequence[Case], folder: Path, kept: Mapping[tuple[str, str], bytes] | None = None
) -> dict[tuple[str, str], bytes]:
    """The bytes of every case in every format it is tried in; LibreOffice makes what is not kept, many at once."""
    made: dict[tuple[str, str], bytes] = {}
    kept = _kept() if kept is None else kept
    source = folder / "xlsx"
    source.mkdir()
    for number, case in enumerate(cases):
        book = case.book()
        made[case.name, "xlsx"] = saved(book)
        made[case.name, "xlsm"] = made[case.name, "xlsx"]
        made[case.name, "xlsb"] = binary(book) if "xlsb" in case.formats else b""
        made[case.name, "csv"] = _as_text(book, case.sheet) if "csv" in case.formats else b""
        (source / f"{number}.xlsx").write_bytes(made[case.name, "xlsx"])
    hashes = [_hash(made[case.name, "xlsx"]) for case in cases]
    wanted = {pair: [n for n, case in enumerate(cases) if set(pair) & set(case.formats)] for pair in OF_OFFICE}
    lacking = {pair[0]: [n for n in numbers if (hashes[n], pair[0]) not in kept] for pair, numbers in wanted.items()}
    with ThreadPoolExecutor(len(lacking)) as both:
        list(both.map(lambda item: item[1] and convert(folder, *item), lacking.items()))
    for (format_, twin), numbers in wanted.items():
        for number in numbers:
            data = kept.get((hashes[number], format_)) or (folder / format_ / f"{number}.{format_}").read_bytes()
            made[cases[number].name, twin] = made[cases[number].name, format_] = data
    return made


def _hash(workbook: bytes) -> str:
    """Of all that the workbook holds but the moment it was made."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as package:
        parts = [(name, package.read(name)) for name in sorted(package.namelist()) if name != "docProps/core.xml"]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _kept() -> dict[tuple[str, str], bytes]:
    with tarfile.open(MADE) as archive:
        files = ((member.name.partition("."), archive.extractfile(member)) for member in archive)
        return {(hash_, format_): file.read() for (hash_, _, format_), file in files if file}


def main() -> int:
    """Write what LibreOffice makes anew."""
    with tempfile.TemporaryDirectory() as folder:
        every = cases()
        made = written(every, Path(folder), kept={})
    held = {f"{_hash(made[case.name, 'xlsx'])}.{pair[0]}": made[case.name, pair[0]]
            for pair in OF_OFFICE for case in every if set(pair) & set(case.formats)}  # fmt: skip
    with tarfile.open(MADE, "w:xz", preset=9) as archive:
        for name, data in sorted(held.items(), key=lambda item: item[0].partition(".")[::-1]):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return 0


def convert(folder: Path, format_: str, numbers: Sequence[int]) -> None:
    """Two formats at once, each by a LibreOffice of its own: that takes minutes."""
    files = [str(folder / "xlsx" / f"{number}.xlsx") for number in numbers]
    profile = profile_in(folder / f"profile-{format_}")
    command = ["soffice", profile, "--headless", "--convert-to", format_, "--outdir", str(folder / format_), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=LATEST)


def _as_text(book: Workbook, sheet: str) -> bytes:
    """One sheet as Excel saves it: GBK, as it shows."""
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer).writerows(
        ["" if value is None else value for value in row] for row in book[sheet].iter_rows(values_only=True)
    )
    return buffer.getvalue().encode("gb18030")


if __name__ == "__main__":
    sys.exit(main())
