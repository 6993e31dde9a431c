"""Marks on a workbook that comes and goes: each marking is the only one, and what others wrote stays theirs."""

import io
import zipfile

import openpyxl
import pytest
from lxml import etree
from openpyxl.comments import Comment

from flows.emit.workbook.dressed import ORANGE, RED, Styles, clear, mark, put_in_front
from flows.emit.workbook.patched import MAIN, NotPatchable, Patched
from tests.text_tables import drawn, saved

MARKS = {(2, 2): (RED, "户数不对\n请核对"), (3, 3): (ORANGE, "比上年多")}


@pytest.fixture
def sent() -> bytes:
    book = drawn("== 表\n| 村 | 户 | 人 |\n| 一 | 1 | 2 |\n| 二 | 3 | 4 |")
    book["表"]["B2"].comment = Comment("我写的", "村会计")
    return saved(book)


def marked(data: bytes, marks=MARKS) -> bytes:
    book = Patched(data)
    styles = Styles(book)
    clear(book, styles)
    mark(book, styles, "表", marks) if marks else None
    return book.save()


def seen(data: bytes) -> dict[str, tuple[str, str]]:
    """Fill and comment of every cell that has either."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["表"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    fills = {cell.coordinate: str(cell.fill.fgColor.rgb) for cell in cells if cell.fill.fill_type}
    words = {cell.coordinate: cell.comment.text for cell in cells if cell.comment}
    return {place: (fills.get(place, ""), words.get(place, "")) for place in sorted(fills | words)}


def part_of(data: bytes, word: str) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        name = next(name for name in package.namelist() if word in name.lower())
        return name, package.read(name)


def shapes(data: bytes) -> int:
    """How many comments a program would show."""
    return len(etree.fromstring(part_of(data, "vml")[1]).findall("{urn:schemas-microsoft-com:vml}shape"))


def test_every_marking_is_the_only_one_and_others_comments_keep_their_words(sent):
    theirs = ("FFFFC9CE", "我写的\n村汇：户数不对\n村汇：请核对")
    data = sent
    for _ in range(3):
        data = marked(data)
        assert seen(data) == {"B2": theirs, "C3": ("FFFFE3B3", "比上年多")}
    _, comments = part_of(data, "comments")
    assert [each.text for each in etree.fromstring(comments).iter(f"{{{MAIN}}}author")] == ["村会计", "村汇"]
    assert shapes(data) == 2
    data = marked(data, {})
    assert seen(data) == {"B2": ("", "我写的")}
    assert shapes(data) == 1


def test_lines_of_ours_are_known_again_when_a_program_has_saved_them_as_one_with_what_somebody_added(sent):
    book = openpyxl.load_workbook(io.BytesIO(marked(sent)))
    comment = book["表"]["B2"].comment
    comment.text += "\n已改\n村汇总时再报"
    assert seen(marked(saved(book)))["B2"][1] == "我写的\n已改\n村汇总时再报\n村汇：户数不对\n村汇：请核对"
    assert seen(marked(saved(book), {})) == {"B2": ("", "我写的\n已改\n村汇总时再报")}


def test_comment_without_a_cell_is_no_workbook_to_mark(sent):
    name, comments = part_of(marked(sent), "comments")
    with pytest.raises(NotPatchable):
        book = Patched(marked(sent))
        book.replace(name, comments.replace(b'ref="C3"', b'ref="3"'))
        clear(book, Styles(book))


def test_sheet_of_ours_stands_in_front_and_is_shown_and_a_second_one_takes_its_place(sent):
    xml = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>{{}}</v></c></row></sheetData></worksheet>'
    data = sent
    for number in 1, 2:
        book = Patched(data)
        put_in_front(book, "退回说明", xml.format(number))
        data = book.save()
        made = openpyxl.load_workbook(io.BytesIO(data))
        assert (made.sheetnames, made.active.title, made["退回说明"]["A1"].value) == (
            ["退回说明", "表"],
            "退回说明",
            number,
        )
        assert [sheet.sheet_view.tabSelected for sheet in made][1] in (False, None)
