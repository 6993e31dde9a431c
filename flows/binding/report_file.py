"""A report with blanks or slots, .docx or .txt: its paragraphs as passages, and the same with stretches replaced."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import olefile

from flows.binding.cells import Cell, cell_at
from flows.binding.pictures import Picture, pictures
from flows.binding.surroundings import Passage
from flows.files import write_atomically
from flows.reading.office import converted, office
from flows.template.compose import Line, Piece
from flows.template.filling import Filled
from flows.template.slots import Part
from flows.template.text import LARGEST, read_text
from flows.template.word import Paragraph, Template
from flows.template.word_comments import anchor, highlighted
from flows.template.word_runs import Element, put_in, rewrite
from schemas.errors import InputError

Change = tuple[int, int, str]
OLD = (".doc", ".wps", ".rtf", ".odt")
"""Formats that LibreOffice reads: what is written for them is a .docx."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK, _ALTERNATE = (
    f"{{http://schemas.openxmlformats.org/markup-compatibility/2006}}{tag}" for tag in ("Fallback", "AlternateContent")
)
"""Of a text box: what programs read that do not know its shapes, and what holds both."""
_HEADING_LONGEST = 40
"""As `headings.LONGEST`, for a line that Word numbers by itself."""


@dataclass
class TextReport:
    """A text file; its encoding and line ends are kept."""

    path: Path
    encoding: str
    lines: list[str]

    @property
    def passages(self) -> list[Passage]:
        """One passage per line."""
        return [Passage(line.rstrip("\r")) for line in self.lines]

    @property
    def parts(self) -> list[tuple[str, list[Passage]]]:
        """All of it, as one part without a name."""
        return [("", self.passages)]

    def write(self, changes: dict[int, list[Change]], out: Path, redrawn: Collection[int] = ()) -> None:
        """Write the text with stretches of its lines replaced; it has no pictures."""
        lines = [replaced(line, changes.get(number, ())) for number, line in enumerate(self.lines)]
        write_atomically(out, "\n".join(lines).encode(self.encoding))


class WordReport:
    """A Word file; its body comes first, then headers, footers and notes. Runs keep their look.

    `data` are its bytes where they are not the file's own: an old format, saved anew.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        self.template, self.data = Template(path, data), data
        stories = sorted(self.template.stories, key=lambda story: not story.is_body)
        every = [each for story in stories for each in story.paragraphs]
        self.paragraphs = [each for each in every if not _is_fallback(each.element)]
        self._copies = _copies(every)

    @property
    def passages(self) -> list[Passage]:
        """One passage per paragraph; a table's paragraph knows its row's and column's head."""
        rows: dict[tuple[int, int], dict[int, str]] = {}
        for each in self.paragraphs:
            if each.cell:
                table, row, cell = each.cell
                cells = rows.setdefault((table, row), {})
                cells[cell] = cells.get(cell, "") + each.text
        cells = [cell_at(each.cell, rows) if each.cell else Cell() for each in self.paragraphs]
        shown = [self._pictures.get(number) for number in range(len(cells))]
        return [
            Passage(
                each.text, cell.heads, _is_heading(each), each.underlined, cell.asks, cell.label,
                picture.drawn if picture else "",
            )
            for each, cell, picture in zip(self.paragraphs, cells, shown, strict=True)
        ]  # fmt: skip

    @cached_property
    def _pictures(self) -> dict[int, Picture]:
        return pictures(self.paragraphs)

    def in_body(self, number: int) -> bool:
        """Whether a paragraph stands in the main text, where comments may be."""
        return next(self.paragraphs[number].element.iterancestors(f"{_W}body"), None) is not None

    @property
    def parts(self) -> list[tuple[str, list[Passage]]]:
        """Body, headers, footers and notes under their names, with their own passages."""
        return [
            (story.where, [Passage(each.text, underlined=each.underlined) for each in story.paragraphs])
            for story in self.template.stories
        ]

    def write(self, changes: dict[int, list[Change]], out: Path, redrawn: Collection[int] = ()) -> None:
        """Write the document with stretches of its paragraphs replaced, in the run where each begins.

        Without the pictures for which the paragraphs `redrawn` speak: what they then say draws others.
        """
        taken = [self._pictures[number] for number in redrawn if number in self._pictures]
        for number, wanted in changes.items():
            paragraph = self.paragraphs[number]
            pieces = tuple(Piece(start, end, text, Part("slot", text, start, end)) for start, end, text in wanted)
            if paragraph.text:
                for each in (paragraph, *self._copies.get(paragraph.element, ())):
                    rewrite(each.places, Line(number, paragraph.text, pieces))
            else:
                put_in(paragraph.element, "".join(text for *_, text in wanted))
        for picture in taken:
            self.template.forget(picture.take_out())
        write_atomically(out, self.template.packed())


def write_marked(
    report: "TextReport | WordReport", places: Sequence[tuple[int, int, int, str, bool]], out: Path
) -> bool:
    """Write the Word report as it was read, with every place highlighted and a comment on it; False for a text.

    A place is its paragraph, start and end, the comment, and whether it is sure: grey if it is, else yellow.
    """
    if isinstance(report, TextReport):
        return False
    marked = WordReport(report.template.path, report.data)
    said: list[str] = []
    by_paragraph: dict[int, list[tuple[int, int, str, bool]]] = {}
    for paragraph, start, end, words, sure in places:
        if end > start:
            here = by_paragraph.setdefault(paragraph, [])
            if here and (here[-1][1], here[-1][3]) == (start, sure):  # one run, and so one comment
                start, words = here[-1][0], f"{here[-1][2]}\n{words}"
                here.pop()
            here.append((start, end, words, sure))
    for number, here in by_paragraph.items():
        paragraph = marked.paragraphs[number]
        before = set(highlighted(paragraph.element))
        pieces = tuple(
            Piece(start, end, paragraph.text[start:end], Part("slot", "", start, end),
                  Filled("", missing=not sure, provisional=sure))
            for start, end, _, sure in here
        )  # fmt: skip
        rewrite(paragraph.places, Line(number, paragraph.text, pieces))
        runs = [run for run in highlighted(paragraph.element) if run not in before]
        if len(runs) == len(here) and marked.in_body(number):
            for run, (*_, words, _) in zip(runs, here, strict=True):
                anchor(run, len(said))
                said.append(words)
    marked.template.comment(said)
    write_atomically(out, marked.template.packed())
    return True


def read_report(path: Path) -> TextReport | WordReport:
    """Read a report by its suffix. Raises InputError in one line for what it cannot be."""
    if not path.is_file():
        raise InputError(f"找不到文件：{path}")
    match path.suffix.lower():
        case ".docx":
            return WordReport(path)
        case ".txt":
            encoding, text = read_text(path)
            return TextReport(path, encoding, text.split("\n"))
        case suffix if suffix in OLD:
            return WordReport(path, _saved_anew(path, suffix))
    raise InputError(f"{path}：只认 .docx、.txt 和 {'、'.join(OLD)}，其他格式请先用 Word 或 WPS 另存为 .docx")


def _saved_anew(path: Path, suffix: str) -> bytes:
    """An old format as .docx. Raises InputError where there is no LibreOffice, or it cannot read the file."""
    data = path.read_bytes()
    if len(data) > LARGEST:
        raise InputError(f"{path}：文件太大（超过 {LARGEST // 1_000_000} MB），不像一份报告")
    if not _is_document(data):  # LibreOffice takes anything for text
        raise InputError(f"{path}：不是完好的 Word 文档，请用 Word 或 WPS 打开后另存为 .docx")
    if (anew := converted(data, suffix, "docx")) is None:
        why = "LibreOffice 读不了它" if office() else "没有装 LibreOffice"
        raise InputError(f"{path}：{why}，请用 Word 或 WPS 另存为 .docx")
    return anew


def _is_document(data: bytes) -> bool:
    """Whether the bytes are those of an old Word or WPS document, of rich text or of a package."""
    if data.startswith((b"PK", b"{\\rtf")):
        return True
    try:
        return olefile.isOleFile(data) and ["WordDocument"] in olefile.OleFileIO(data).listdir()
    except OSError:
        return False


def replaced(text: str, changes: Sequence[Change]) -> str:
    """Text with stretches replaced; they must not overlap."""
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _is_fallback(element: Element) -> bool:
    return next(element.iterancestors(_FALLBACK), None) is not None


def _copies(paragraphs: Sequence[Paragraph]) -> dict[Element, list[Paragraph]]:
    """The paragraphs of text boxes as they stand once more, word for word, for programs that do not know the boxes."""
    shown: dict[Element, list[Paragraph]] = {}
    spare: dict[Element, list[Paragraph]] = {}
    for each in paragraphs:
        if (box := next(each.element.iterancestors(_ALTERNATE), None)) is not None:
            (spare if _is_fallback(each.element) else shown).setdefault(box, []).append(each)
    pairs = [pair for box, copies in spare.items() for pair in zip(shown.get(box, ()), copies, strict=False)]
    return {one.element: [copy] for one, copy in pairs if one.text == copy.text}


def _is_heading(paragraph: Paragraph) -> bool:
    """A heading by its style, or a short line that Word numbers by itself."""
    numbered = paragraph.element.find(f"{_W}pPr/{_W}numPr") is not None
    short = len(paragraph.text) <= _HEADING_LONGEST and not paragraph.text.rstrip().endswith(("。", "；"))
    return paragraph.kind in ("1", "2", "3") or (numbered and short and bool(paragraph.text.strip()))
