"""What a sheet loses, the same for every format, and the limits that every format keeps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from xml.parsers import expat

from flows.reading.guard import LAST_COLUMN, LAST_ROW, MOST_CELLS, MOST_FILLED, Refused

Address = tuple[int, int]
"""Row and column, from 1."""


@dataclass(slots=True)
class Lost:
    """What one sheet loses. `blank` replaces only cells that the fast reader found empty, `always` any."""

    blank: dict[Address, tuple[str, str]] = field(default_factory=dict)
    always: dict[Address, tuple[str, str]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


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


def whole(text: str | None, otherwise: int) -> int:
    """An attribute that is a whole number. Raises Refused when it is something else."""
    if text is None:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise Refused("FILE_DAMAGED", why="行号写法不规范") from None
