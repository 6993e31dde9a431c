"""Random mess: whatever is done to a form, no answer is silently wrong.

Each answer is the one that was filled in, found in the cell that holds it, or a blocking finding names that answer or
the very cell or sheet where it stood; and without any blocking finding every answer is right. What a person does to a
value itself (typing another, moving the cells of the value column alone) cannot be seen in the file and is no part of
this; a value typed in another manner is.
"""

import io
import os
from dataclasses import dataclass, field

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.reading.child import read_inside
from flows.reading.grid import address
from flows.reading.records import Answer, Reading
from flows.values.fields import Field
from flows.values.normalise import parse
from schemas.expressions import SCALE
from schemas.findings import Finding
from tests.plain_books import PlainSheet, packed, plain_book
from tests.reading.test_read import FORM, WANTED, WORDS
from tests.text_tables import drawn

EXAMPLES = int(os.environ.get("CUNHUI_MESS_EXAMPLES", "2000"))
"""The same ones every time, unless another number is asked for."""
FIELDS = {
    "A01": Field("A01", "党员人数", "人"),
    "A02": Field("A02", "预备党员", "人"),
    "A03": Field("A03", "村党组织书记", is_text=True),
    "I01": Field("I01", "低保户数", "户"),
    "I02": Field("I02", "公厕面积", "㎡", 1),
}
TRUTH = {"A01": 12 * SCALE, "A02": 3 * SCALE, "A03": "王五", "I01": 40 * SCALE, "I02": 655 * SCALE // 10}
HOMES = {"A01": (1, 4), "A02": (1, 5), "A03": (1, 6), "I01": (2, 4), "I02": (2, 5)}
"""Sheet and row of each answer in the form as it was sent out."""
BASE = plain_book(drawn(FORM))
CODE_COLUMN, VALUE_COLUMN = 4, 5


@dataclass
class Mess:
    """A form on the way to being messy, and the answers whose own cell was spoilt beyond reading."""

    sheets: list[PlainSheet] = field(default_factory=lambda: [sheet.copied(sheet.name) for sheet in BASE])
    spoilt: set[str] = field(default_factory=set)


# ---- what people do to the answers: type them in another manner, or so that nobody can read them

SAME = ("{} ", "　{}", "{}{}", "{}（{}）", "+{}", "'{}", "{}.0", " {}\u200b")
SPOILT = (
    "{}(5)", "{} 13", "{}-15", "={}+1", "#REF!", "#DIV/0!", True, "{}/35", "不详", "见附表", "{}.", "{},5", "1e{}",
    "0x{}", "{}公里", "共{}", "{}\n7", "{}以上", "=DISPIMG(\"ID_1\",1)", "({})", "{} 345", "{}人3户", "百分之{}",
)  # fmt: skip
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")


def retype(mess: Mess, code: str, way: int) -> None:
    """The same value as text: with blanks, its unit, full width, a sign."""
    sheet, row = HOMES[code]
    value = mess.sheets[sheet].cells[row, VALUE_COLUMN]
    if not isinstance(value, str):
        text = SAME[way % len(SAME)].format(value, FIELDS[code].unit)
        if "." in str(value):
            text = text.replace(".0", "")
        mess.sheets[sheet].put((row, VALUE_COLUMN), text.translate(WIDE) if way % 3 == 0 else text)


def spoil(mess: Mess, code: str, way: int) -> None:
    """A content that is no number, or could be two."""
    sheet, row = HOMES[code]
    value = mess.sheets[sheet].cells[row, VALUE_COLUMN]
    if not isinstance(value, str):
        ruin = SPOILT[way % len(SPOILT)]
        mess.sheets[sheet].put((row, VALUE_COLUMN), ruin.format(value) if isinstance(ruin, str) else ruin)
        mess.spoilt.add(code)


# ---- what people do to the form


def insert_rows(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    more = 1 + column % 2
    sheet.move(lambda place: (place[0] + more if place[0] >= row else place[0], place[1]))


def delete_row(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.move(lambda place: None if place[0] == row else (place[0] - (place[0] > row), place[1]))


def insert_column(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.move(lambda place: (place[0], place[1] + (place[1] >= column)))


def delete_column(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.move(lambda place: None if place[1] == column else (place[0], place[1] - (place[1] > column)))


def rename(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.name = f"表{row}"


def reorder(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    mess.sheets.remove(sheet)
    mess.sheets.insert(row % (len(mess.sheets) + 1), sheet)


def hide(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.state = "hidden"


def delete_sheet(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    mess.sheets.remove(sheet)


def copy(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    """A second copy; every other time it is an older state of the sheet."""
    twin = sheet.copied(f"{sheet.name} ({row})")
    if column % 2 and (row, VALUE_COLUMN) in twin.cells:
        twin.put((row, VALUE_COLUMN), 99)
    mess.sheets.insert(column % (len(mess.sheets) + 1), twin)


def merge(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    """Merge as spreadsheet programs do: every other time what lies under the area is gone."""
    area = (row, column, row + row % 3, column + column % 3)
    if area[:2] == area[2:] or any(_meet(area, other) for other in sheet.merges):
        return
    sheet.merges.append(area)
    for under in [place for place in sheet.cells if _meet(area, (*place, *place)) and place != area[:2]]:
        if column % 2:
            sheet.put(under, None)


def _meet(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def swap_columns(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    other = 1 + row % 7
    sheet.move(lambda place: (place[0], {column: other, other: column}.get(place[1], place[1])))


def swap_rows(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.move(lambda place: ({row: row + 1, row + 1: row}.get(place[0], place[0]), place[1]))


def swap_cells(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    column = min(column, CODE_COLUMN)
    sheet.move(
        lambda place: ({row: row + 1, row + 1: row}.get(place[0], place[0]), column) if place[1] == column else place
    )


def shift_left(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    """Delete a cell before the value; what stands to its right moves left."""
    column = min(column, CODE_COLUMN)

    def left(place: tuple[int, int]) -> tuple[int, int] | None:
        return (
            (None if place[1] == column else (row, place[1] - 1)) if place[0] == row and place[1] >= column else place
        )

    sheet.move(left)


def overwrite(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    word = ("万元", "随便写", None, "A01", "本年数", "低保户数", 7, "单位：万人", "合计")[row % 9]
    sheet.put((row, min(column, CODE_COLUMN)), word)


def overwrite_head(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    head = next((place[0] for place, value in sheet.cells.items() if value == "代码"), None)
    if head:
        words = (None, "数量", "本年数", "代码", "上年数", "本 年 数", "指标名称", "本年数（万人）", "单位")
        sheet.put((head, column), words[row % len(words)])


def note_beside(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    sheet.put((row, 8 + column % 2), ("已核", 5, "12户")[column % 3])


def note_row(mess: Mess, sheet: PlainSheet, row: int, column: int) -> None:
    """A row of one's own with a figure, between the form's rows."""
    insert_rows(mess, sheet, row, 2)
    for place, value in {(row, 2): "其中：女党员", (row, CODE_COLUMN - 1): "人", (row, VALUE_COLUMN): 4}.items():
        sheet.put(place, value)


DEEDS = (
    insert_rows, delete_row, insert_column, delete_column, rename, reorder, hide, delete_sheet, copy, merge,
    swap_columns, swap_rows, swap_cells, shift_left, overwrite, overwrite_head, note_beside, note_row,
)  # fmt: skip
MOVING = (insert_column, delete_column, swap_columns, shift_left)
"""After these the value column is not where the form put it."""
TOUCHING = (swap_cells, shift_left, overwrite, overwrite_head, note_row, note_beside)
"""These touch cells by where the form put them: done after the others, a value itself would be moved."""
TYPING = st.lists(
    st.tuples(st.sampled_from((retype, spoil)), st.sampled_from(("A01", "A02", "I01", "I02")), st.integers(0, 47)),
    max_size=2,
    unique_by=lambda item: item[1],
)
MESS = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.sampled_from([1, 2, 2, 3]), st.integers(1, 9), st.integers(1, 7)),
    min_size=1,
    max_size=3,
    unique_by=lambda item: item[0],
)


def made(typing: list, deeds: list) -> Mess:
    """The form after it all. Heads are written over only while the value column is where the form put it.

    Copying comes last: an older copy whose original was deleted is the only answer there is.
    """
    mess, moved = Mess(), False
    for deed, code, way in typing:
        deed(mess, code, way)
    for deed, number, row, column in sorted(deeds, key=lambda item: item[0] is copy):
        if not moved or deed not in TOUCHING:
            deed(mess, mess.sheets[min(number, len(mess.sheets) - 1)], row, column)
        moved = moved or deed in MOVING
    return mess


def names_it(finding: Finding, code: str, places: set[tuple[str, str]], sheets: set[str]) -> bool:
    """Whether a finding is about the answer: it names its code, its cell, or the whole sheet where it stands."""
    told = " ".join((finding.indicator, *finding.details.values()))
    whole_sheet = finding.code in ("COLUMN_UNCLEAR", "SHEET_MISSING") and (finding.sheet or finding.raw) in sheets
    named = code in told or WANTED.indicators[code].name in told
    return named or (finding.sheet, finding.cell) in places or whole_sheet


def typed(answer: Answer) -> tuple[int | str | None, Finding | None]:
    parsed = parse(answer.raw, answer.kind, FIELDS[answer.indicator])
    return (parsed.text if parsed.value is None else parsed.value), parsed.finding


def check(mess: Mess, reading: Reading) -> None:
    """What holds of every mess."""
    blocking = [finding for finding in reading.findings if finding.level == "强制"]
    assert not any(finding.code == "FILE_READER_DIED" for finding in blocking), blocking
    answers = {answer.indicator: answer for answer in reading.answers}
    written = {sheet.name: sheet.cells for sheet in mess.sheets}
    for code, truth in TRUTH.items():
        answer = answers.get(code)
        value, doubt = typed(answer) if answer else (None, None)
        if answer:
            held = written[answer.sheet].get((answer.row, answer.col))
            assert answer.raw == ("TRUE" if held is True else "" if held is None else str(held)), answer
        if code in mess.spoilt and answer and value is None:
            assert doubt and doubt.level == "强制", answer
        elif value != truth or code in mess.spoilt:
            stood = {name for name, cells in written.items() if code in cells.values()} | {
                WANTED.indicators[code].sheet
            }
            places = {
                (name, address(row, column)) for name in stood for (row, column), held in written.get(name, {}).items()
                if held == code
            }  # fmt: skip
            whole = [finding for finding in blocking if finding.code == "FILE_NOT_A_FORM"]
            assert whole or any(names_it(finding, code, places, stood) for finding in blocking), (
                code,
                answer,
                blocking,
            )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CUNHUI_MESS_EXAMPLES" not in os.environ,
)
@given(TYPING, MESS)
def test_no_mess_is_misread_in_silence(typing, deeds):
    mess = made(typing, deeds)
    check(mess, read_inside(packed(mess.sheets), WORDS))


def test_what_the_mess_writes_is_what_another_library_reads():
    mess = made([(retype, "A01", 3), (spoil, "I01", 3)], [(merge, 1, 4, 1), (insert_rows, 2, 2, 1), (hide, 3, 1, 1)])
    book = openpyxl.load_workbook(io.BytesIO(packed(mess.sheets)))
    assert plain_book(book) == mess.sheets
