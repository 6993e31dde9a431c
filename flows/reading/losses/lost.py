"""What a sheet loses, the same for every format, and the limits that every format keeps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from xml.parsers import expat

from flows.reading.guard import LAST_COLUMN, LAST_ROW, MOST_CELLS, MOST_FILLED, Refused
from flows.reading.losses.formats import Content, NumberFormat
from flows.reading.losses.runs import Run, written_out

Address = tuple[int, int]
"""Row and column, from 1."""


@dataclass(slots=True)
class Lost:
    """What one sheet loses. `blank` replaces only cells that the fast reader found empty, `always` any.

    What a form prints may look as it likes, but no answer is taken from a cell that is `struck` out, wholly or in a
    part of its text, nor from one that shows another figure than it holds: `otherwise` says both. `worded` are texts
    whose format adds words to them. `comments` hang on cells, filled or not.
    """

    blank: dict[Address, tuple[str, str]] = field(default_factory=dict)
    always: dict[Address, tuple[str, str]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    struck: set[Address] = field(default_factory=set)
    partly: set[Address] = field(default_factory=set)
    otherwise: dict[Address, Content] = field(default_factory=dict)
    worded: dict[Address, NumberFormat] = field(default_factory=dict)
    comments: dict[Address, str] = field(default_factory=dict)

    def number(self, place: Address, found: tuple[bool, Content] | None) -> None:
        """Take what a number's format says of it: what its filler means, or what must be asked."""
        if found:
            means, content = found
            (self.always if means else self.otherwise)[place] = content

    def text(self, place: Address, runs: Sequence[Run], struck: bool) -> None:
        """Take what is struck out or raised in a text; `struck`: where a run does not say, its cell does."""
        if all(run.struck or (run.struck is None and struck) for run in runs if run.text.strip()):
            self.struck.add(place)
            return
        marked = written_out(runs, struck)
        if marked != "".join(run.text for run in runs):
            self.always[place] = (marked, "text")
        if any(run.struck or (run.struck is None and struck) for run in runs if run.text.strip()):
            self.partly.add(place)


def parse(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    place: str,
) -> None:
    """Run one expat parse. Raises Refused when the XML is broken."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartCdataSectionHandler = partial(_refuse_cdata, place)
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise Refused("FILE_DAMAGED", why=f"“{place}”的内部结构读不通") from None


def _refuse_cdata(place: str) -> None:
    """The fast reader takes a CDATA section for nothing."""
    raise Refused("FILE_DAMAGED", why=f"“{place}”的内部写法不规范")


def refuse_area(last_row: int, last_column: int, sheet: str) -> None:
    """Refuse a sheet whose filled area is beyond any form, or beyond any spreadsheet program."""
    if last_row > LAST_ROW or last_column > LAST_COLUMN:
        raise Refused("FILE_SUSPICIOUS", why=f"“{sheet}”有超出表格范围的单元格")
    if last_row * last_column > MOST_CELLS:
        raise Refused("FILE_TOO_BIG", why=f"“{sheet}”用到第 {last_row} 行第 {last_column} 列")


def refuse_filled(cells: int) -> None:
    """Refuse a workbook with a hundred times the filled cells of a form, before anybody looks at each of them."""
    if cells > MOST_FILLED:
        raise Refused("FILE_TOO_BIG", why=f"填了 {MOST_FILLED} 格以上")


def column_number(letters: str) -> int:
    """A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def whole(text: str | None, otherwise: int) -> int:
    """An attribute that is a whole number. Raises Refused when it is something else."""
    if text is None:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise Refused("FILE_DAMAGED", why="行号写法不规范") from None
