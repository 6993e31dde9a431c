"""Fifteen villages' copies of one form, each sent in its own way and format: no wrong figure, every answer placed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.reading.child import read_inside
from flows.reading.records import Reading
from tests.adopted_forms import VILLAGES
from tests.binary_tables import binary
from tests.libreoffice import saved_as
from tests.reading.test_filled import CHANGES, FIGURES, VERTICAL, filled, said, words_of

FORMATS = ("xlsx", "xls", "ods")
WORDS = words_of(VERTICAL)


def figures(number: int) -> dict[str, object]:
    """Figures that no other village and no other indicator has."""
    return {
        code: value if isinstance(value, str) else round(1000 * number + 37 * place + 0.25 * (code[0] in "LMO"), 2)
        for place, (code, value) in enumerate(FIGURES.items(), start=1)
    }


@pytest.fixture(scope="module")
def copies(tmp_path_factory) -> list[tuple[str, dict[str, object], Path]]:
    """Village, what it filled in, and its file: every change of shape in every format, two changes at a time."""
    folder = tmp_path_factory.mktemp("copies")
    changes: list[Callable] = list(CHANGES.values())
    made = []
    for number, village in enumerate(VILLAGES, start=1):
        some = (changes[number % len(changes)], changes[(3 * number + 1) % len(changes)])
        some = some if number % 4 else some[:1]  # rows are told by their heads after a move; two moves are another test
        some = tuple(dict.fromkeys(some)) if not _two_moves(some) else some[:1]
        data = filled(VERTICAL, figures(number), *some, unit=village)
        (folder / f"{number}.xlsx").write_bytes(data)
        made.append((village, figures(number), folder / f"{number}.xlsx"))
    for format_ in FORMATS[1:]:
        files = [folder / f"{number}.xlsx" for number in range(1, 16) if FORMATS[number % 3] == format_]
        saved_as(format_, folder, files)
    return [(village, said, path.with_suffix(f".{FORMATS[n % 3]}")) for n, (village, said, path) in enumerate(made, 1)]


def _two_moves(some: tuple[Callable, ...]) -> bool:
    moves = [CHANGES["a row moved within its part"], CHANGES["a coded row moved to another part"]]
    return any(one in moves for one in some)


def _read(path: Path) -> Reading:
    return read_inside(path.read_bytes(), WORDS, path.name, "ab" * 32)


def test_fifteen_copies_in_three_formats_give_no_wrong_figure_and_every_answer(copies) -> None:
    for village, filled_in, path in copies:
        reading = _read(path)

        wanted = {code: value if isinstance(value, str) else f"{value:.10g}" for code, value in filled_in.items()}
        assert said(reading) == wanted, path.name
        assert reading.identity["表头"] == [village]
        assert reading.format == path.suffix[1:]


def test_copy_saved_as_xlsb_is_read_as_the_others() -> None:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(filled(VERTICAL, FIGURES)))
    reading = read_inside(binary(book), WORDS, "a.xlsb", "ab" * 32)

    assert said(reading) == {code: str(value) for code, value in FIGURES.items()}
