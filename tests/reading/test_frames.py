"""What stands around a sheet's cells is looked up once, and a copy of the form has the merged areas that it lists."""

import io
import zipfile

import pytest

from flows.reading.grid import Sheet, read_book
from flows.reading.losses import frames
from tests.text_tables import workbook

FORM = """
== 党的建设
| 党的建设情况 | | |
| 序号 | 指标名称 | 本年数 |
| 1 | 党员人数 | {} |
~ A1:C1
"""
HEAD, TAIL = b"<worksheet>", b'</sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>'
CELLS = b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
MERGES = [((0, 0), (0, 1))]


@pytest.fixture(autouse=True)
def none_known(monkeypatch):
    monkeypatch.setattr(frames, "_known", type(frames._known)())


def read(data: bytes) -> Sheet:
    return read_book(data).sheets[0]


def otherwise(data: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with that written otherwise in its sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            part = given.read(name)
            made.writestr(name, part.replace(old, new) if "sheet1" in name else part)
    return out.getvalue()


def looked_up(monkeypatch) -> list[bool]:
    """Whether what stands around the cells was known, for each sheet read from now on."""
    known = list[bool]()

    def framed(*given):
        found = frames.framed(*given)
        known.append(found is not None)
        return found

    monkeypatch.setattr("flows.reading.losses.xlsx.framed", framed)
    return known


def test_a_copy_filled_in_otherwise_has_the_same_merged_areas_and_its_own_figures(monkeypatch):
    known = looked_up(monkeypatch)
    first, second, again = (read(workbook(FORM.format(figure))) for figure in (35, 4711, 35))
    assert known == [False, True, True]
    assert first.looks.merges == second.looks.merges == [(1, 1, 1, 3)]
    assert second.value(3, 3) == 4711
    assert (first.rows, first.spans) == (again.rows, again.spans)


def test_a_copy_with_other_merged_areas_has_its_own():
    moved = FORM.replace("A1:C1", "A1:B1")
    merges = [read(workbook(text.format(1))).looks.merges for text in (FORM, moved, FORM, moved)]
    assert merges == [[(1, 1, 1, 3)], [(1, 1, 1, 2)], [(1, 1, 1, 3)], [(1, 1, 1, 2)]]


@pytest.mark.parametrize(
    "hidden",
    [
        b'<!-- <mergeCells><mergeCell ref="A2:B2"/></mergeCells> -->',
        b'<?x </sheetData><mergeCells><mergeCell ref="A2:B2"/></mergeCells> ?>',
        b'</sheetData><mergeCells><mergeCell ref="A2:B2"/></mergeCells><sheetData>',
    ],
    ids=["comment", "instruction", "second table"],
)
def test_what_hides_where_the_cells_end_is_looked_at_in_full(hidden: bytes):
    frames.learn("表", HEAD + CELLS + TAIL, len(HEAD), len(HEAD + CELLS), MERGES)
    assert frames.framed("表", HEAD + CELLS + TAIL, len(HEAD), len(HEAD + CELLS))
    odd = CELLS + hidden
    assert frames.framed("表", HEAD + odd + TAIL, len(HEAD), len(HEAD + odd)) is None


@pytest.mark.parametrize(
    ("head", "cells", "tail"),
    [
        (HEAD + b"<!-- -->", CELLS, TAIL),
        (HEAD + b"<mergeCells></mergeCells>", CELLS, TAIL),
        (HEAD + b"<x:sheetData></x:sheetData>", CELLS, TAIL),
        (HEAD, CELLS + b"<!-- -->", TAIL),
        (HEAD, CELLS, TAIL + b"<x:sheetData></x:sheetData>"),
        (HEAD, CELLS, TAIL + bytes(1 << 16)),
    ],
)
def test_nothing_is_remembered_of_an_unusual_or_a_large_part(head: bytes, cells: bytes, tail: bytes):
    frames.learn("表", head + cells + tail, len(head), len(head + cells), MERGES)
    assert not frames._known


def test_a_damaged_end_is_refused_as_it_was(monkeypatch):
    known = looked_up(monkeypatch)
    sound = workbook(FORM.format(1))
    assert read(sound).looks.merges == read(otherwise(sound, b"<v>1</v>", b"<v>2</v>")).looks.merges
    broken = otherwise(sound, b"</mergeCells>", b"<broken")
    alone = read_or_refused(broken, monkeypatch)
    assert read_or_refused(broken) == alone
    assert known[:2] == [False, True]


def read_or_refused(data: bytes, forget: pytest.MonkeyPatch | None = None) -> object:
    """What is read of it, or why it is refused; with `forget`, as if it were the first that is read."""
    if forget:
        forget.setattr(frames, "_known", type(frames._known)())
    try:
        return read(data).looks.merges
    except Exception as refused:
        return repr(refused)


def test_the_oldest_is_forgotten_where_there_are_many():
    for number in range(200):
        frames.learn(f"表{number}", HEAD + CELLS + TAIL, len(HEAD), len(HEAD + CELLS), MERGES)
    assert len(frames._known) == frames._MOST
    assert frames.framed("表0", HEAD + CELLS + TAIL, len(HEAD), len(HEAD + CELLS)) is None
    assert frames.framed("表199", HEAD + CELLS + TAIL, len(HEAD), len(HEAD + CELLS))
