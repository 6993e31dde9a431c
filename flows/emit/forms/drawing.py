"""Draws a form with xlsxwriter: blank, as a template with slots, or filled and marked for a returned workbook."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from flows.emit.forms.layout import (
    COVER,
    GLOSSARY,
    IDENTITY,
    MARKS,
    AreaPage,
    FormLayout,
    Heading,
    Line,
    ListPage,
)
from flows.emit.forms.words import (
    FOOT,
    NOTE_PROMPT,
    blank_words,
    cover_prompt,
    error_of,
    guide,
    instructions,
    numbered,
    prompt_of,
    prompt_title,
    relation_words,
    takes_text,
    takes_words,
)
from flows.emit.workbook.canvas import Canvas, Palette
from flows.emit.workbook.prepared import Value
from schemas.records import Column, Indicator

NOTE = "说明"
THIS_YEAR, LAST_YEAR = "本年数", "上年数"
HEADER = ("序号", "指标名称", "计量单位", "代码", THIS_YEAR, LAST_YEAR, NOTE)
_HEAD_WIDTHS = {"序号": 5, "指标名称": 29, "计量单位": 8, "代码": 7, NOTE: 18}
_VALUE_WIDTH = 12.5
_PORTRAIT = 100
_DROPDOWN = 255
"""Characters, commas among them, that a dropdown's own list holds (Excel specifications and limits)."""
_FIRST_RANGE = 3
"""The hidden sheet's first column of choices; before it stand the identity and an empty column."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A wrong or doubtful cell: coloured by grade, with what is wrong as its note."""

    grade: Literal["强制", "核实", "提示"]
    comment: str


@dataclass(frozen=True, slots=True)
class Fill:
    """What belongs to one unit. Indicators and list columns by code; `rows` and `row_marks` by list code.

    `values` may hold text where a number was asked, and shows it as it was sent. `prompts` replace an indicator's own.
    A list row maps column codes, and 说明, to values; a row mark is found under (row from 0, column code).
    `hidden` are the sheets that are neither shown nor printed, until somebody shows them again.
    """

    unit_name: str
    unit_code: str
    cover: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    last_year: Mapping[str, Value] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    row_marks: Mapping[str, Mapping[tuple[int, str], Mark]] = field(default_factory=dict)
    hidden: Collection[str] = frozenset()


def heads_of(page: AreaPage) -> tuple[str, ...]:
    """The heads of an area's table: further periods beside this year's figure, no 说明 where nobody is asked for it."""
    at = HEADER.index(LAST_YEAR)
    return (*HEADER[:at], *page.periods, LAST_YEAR, *((NOTE,) if page.area.reason else ()))


def area_widths(page: AreaPage) -> list[float]:
    """The widths of its columns; a further period takes what the others can spare."""
    return [_HEAD_WIDTHS.get(head, _VALUE_WIDTH) for head in heads_of(page)]


def draw_form(workbook: Workbook, layout: FormLayout, fill: Fill) -> None:
    """Add the form's sheets to a workbook that canvas.opened made; sheets already there stay in front."""
    palette = Palette(workbook)
    _draw_cover(Canvas(workbook, palette, COVER, (22, 50, 16)), layout, fill)
    for number, page in enumerate(layout.pages, start=1):
        if isinstance(page, AreaPage):
            widths = area_widths(page)
            _draw_area(
                Canvas(workbook, palette, page.name, widths, page.name in fill.hidden), layout, page, number, fill
            )
        else:
            widths = (7, *map(_list_width, page.line_list.columns), 18)
            _draw_list(
                Canvas(workbook, palette, page.name, widths, page.name in fill.hidden), layout, page, number, fill
            )
    if layout.areas:
        widths = 8, 9, 18, 8, 40, 13
        _draw_glossary(Canvas(workbook, palette, GLOSSARY, widths, GLOSSARY in fill.hidden), layout)
    _hide_identity(workbook, layout, fill)


def _draw_cover(canvas: Canvas, layout: FormLayout, fill: Fill) -> None:
    canvas.down(24)
    canvas.paragraph(layout.title, "banner")
    canvas.down(18)
    fixed = {"填报单位": fill.unit_name, "单位代码": fill.unit_code, "年度": str(layout.year)}
    for label, value in fixed.items():
        canvas.put(0, label, "head")
        canvas.across(1, 2, value, "grid", "centre", "text")
        canvas.down(24)
    for label in layout.cover:
        canvas.put(0, label, "head")
        canvas.across(1, 2, fill.cover.get(label), "grid", "centre", "text", "input")
        canvas.validate(1, {"validate": "any", "input_title": label, "input_message": cover_prompt(layout, label)})
        canvas.down(24)
    _draw_contents(canvas, layout)
    canvas.down(12)
    canvas.paragraph("填报须知", "heading")
    for sentence in guide(layout):
        canvas.paragraph(sentence)
    canvas.sheet.set_selection(6, 1, 6, 1)
    canvas.finish(tall=1)


def _draw_contents(canvas: Canvas, layout: FormLayout) -> None:
    canvas.down(14)
    for column, words in enumerate(("表名（点击前往）", "填报内容", "数量")):
        canvas.put(column, words, "head")
    canvas.down(20)
    entries = [(page.name, page.table, page.gist, page.size) for page in layout.pages]
    entries += [(GLOSSARY, GLOSSARY, "每个指标的填报口径", "供查阅")] if layout.areas else []
    for name, table, gist, size in entries:
        canvas.sheet.write_url(
            canvas.row, 0, f"internal:'{name}'!A1", canvas.palette("grid", "link"), table, f"前往“{name}”"
        )
        canvas.put(1, gist, "grid", "wrap")
        canvas.put(2, size, "grid", "centre")
        canvas.down(max(20, canvas.height(gist, 1, 1)))


def _draw_top(canvas: Canvas, layout: FormLayout, page: AreaPage | ListPage, number: int, fill: Fill) -> None:
    """Title, the four marks at the right, the unit and the year."""
    canvas.paragraph(f"{layout.year}年度{layout.township}{page.table}", "title")
    left = 1 if isinstance(page, AreaPage) else 2
    for name in MARKS:
        if name == MARKS[-1]:
            canvas.across(0, left, f"填报单位：{fill.unit_name}", "shrink")
            canvas.across(left + 1, canvas.last - 2, f"{layout.year} 年", "centre")
        spaced = {2: "　　", 3: ""}.get(len(name), "").join(name)
        canvas.put(canvas.last - 1, f"{spaced}：", "small", "right")
        canvas.put(canvas.last, layout.mark(name, number), "small", "shrink")
        canvas.down(18 if name == MARKS[-1] else 13.5)


def _draw_area(canvas: Canvas, layout: FormLayout, page: AreaPage, number: int, fill: Fill) -> None:
    _draw_top(canvas, layout, page, number, fill)
    heads = heads_of(page)
    for column, words in enumerate(heads):
        canvas.put(column, words, "head")
    header = canvas.row
    canvas.down(24)
    note = {"validate": "any", "input_title": NOTE, "input_message": NOTE_PROMPT}
    body = list(page.body)
    if NOTE in heads:
        canvas.validate(heads.index(NOTE), note, canvas.row + len(body) - 1)
    first = canvas.row + next(at for at, row in enumerate(body) if isinstance(row, Line))
    canvas.sheet.set_selection(first, 4, first, 4)
    for row in body:
        if isinstance(row, Line):
            _draw_line(canvas, row, fill, layout, page)
        else:
            _draw_heading(canvas, row)
    _draw_foot(canvas, layout, page)
    canvas.finish(header=(0, header), landscape=sum(canvas.widths) > _PORTRAIT)


def _draw_heading(canvas: Canvas, heading: Heading) -> None:
    look = ("grid", "heading", "wrap", *((f"indent{min(heading.depth, 2)}",) if heading.depth else ()))
    canvas.across(0, canvas.last, heading.words, *look)
    canvas.down(max(19, canvas.height(heading.words, 0, canvas.last, *look)))


def _draw_line(canvas: Canvas, line: Line, fill: Fill, layout: FormLayout, page: AreaPage) -> None:
    item, note, heads = line.indicator, fill.notes.get(line.indicator.code, ""), heads_of(page)
    canvas.put(0, line.number, "grid", "centre")
    name = ("grid", "wrap", *((f"indent{min(line.depth, 2)}",) if line.depth else ()))
    canvas.put(1, line.label, *name)
    canvas.put(2, item.unit, "grid", "centre")
    canvas.put(3, item.printed_code, "grid", "centre", *(("text",) if item.form_code else ()))
    asked = {THIS_YEAR: item} | page.beside(item.code)
    for column, period in enumerate((THIS_YEAR, *page.periods), start=heads.index(THIS_YEAR)):
        if period in asked:
            _draw_answer(canvas, column, asked[period], fill, layout)
        else:
            canvas.put(column, "—", "grid", "centre", "past")
    canvas.put(heads.index(LAST_YEAR), fill.last_year.get(item.code), "grid", *_look(item), "past")
    tallest = max(canvas.height(line.label, 1, 1, *name), 19)
    if NOTE in heads:
        column = heads.index(NOTE)
        canvas.put(column, note, "grid", "wrap", "small", "text", "input")
        tallest = max(tallest, canvas.height(note, column, column, "small"))
    canvas.down(max(tallest, 34) if takes_text(item) else tallest)


def _draw_answer(canvas: Canvas, column: int, item: Indicator, fill: Fill, layout: FormLayout) -> None:
    value, mark = fill.values.get(item.code), fill.marks.get(item.code)
    canvas.put(column, value, "grid", *_look(item, value), "input", *((mark.grade,) if mark else ()))
    canvas.validate(column, _validation(item, fill.prompts.get(item.code) or prompt_of(item)) | _range(item, layout))
    if mark:
        canvas.comment(column, mark.comment)


def _draw_list(canvas: Canvas, layout: FormLayout, page: ListPage, number: int, fill: Fill) -> None:
    _draw_top(canvas, layout, page, number, fill)
    columns, code = page.line_list.columns, page.line_list.code
    header = canvas.row + 2
    bands = (
        ("计量单位", [_column_hint(column) for column in columns], ""),
        ("列代码", [column.code for column in columns], ""),
        (HEADER[0], [column.name for column in columns], NOTE),
    )
    for first, middle, last in bands:
        for column, words in enumerate((first, *middle, last)):
            canvas.put(column, words, "head", *(("small",) if canvas.row < header else ()))
        canvas.down(28 if canvas.row == header else 18)
    rows = fill.rows.get(code, ())
    count = max(page.line_list.rows, len(rows))
    for place, column in enumerate(columns, start=1):
        validation = _validation(column, prompt_of(column)) | _range(column, layout)
        canvas.validate(place, validation, canvas.row + count - 1)
    note = {"validate": "any", "input_title": NOTE, "input_message": NOTE_PROMPT}
    canvas.validate(canvas.last, note, canvas.row + count - 1)
    canvas.sheet.set_selection(canvas.row, 1, canvas.row, 1)
    for index in range(count):
        row = rows[index] if index < len(rows) else {}
        _draw_row(canvas, columns, index, row, fill.row_marks.get(code, {}))
    _draw_foot(canvas, layout, page)
    canvas.finish(header=(0, header), landscape=sum(canvas.widths) > _PORTRAIT, rows_may_be_added=True)


def _draw_row(
    canvas: Canvas,
    columns: Sequence[Column],
    index: int,
    row: Mapping[str, Value],
    marks: Mapping[tuple[int, str], Mark],
) -> None:
    canvas.put(0, index + 1, "grid", "centre")
    heights = [21.0, canvas.height(str(row.get(NOTE) or ""), canvas.last, canvas.last, "small")]
    for place, column in enumerate(columns, start=1):
        mark, value = marks.get((index, column.code)), row.get(column.code)
        canvas.put(place, value, "grid", *_look(column, value), "input", *((mark.grade,) if mark else ()))
        heights.append(canvas.height(str(value or ""), place, place) if column.type != "number" else 0)
        if mark:
            canvas.comment(place, mark.comment)
    canvas.put(canvas.last, row.get(NOTE), "grid", "wrap", "small", "text", "input")
    canvas.down(max(heights))


def _draw_foot(canvas: Canvas, layout: FormLayout, page: AreaPage | ListPage) -> None:
    canvas.across(0, canvas.last, FOOT)
    canvas.down(24)
    for heading, sentences in (("审核关系", relation_words(page)), ("填表说明", instructions(layout, page))):
        if sentences:
            canvas.paragraph(f"{heading}：", "heading", "small")
        for sentence in sentences:
            canvas.paragraph(sentence, "small", "top")


def _draw_glossary(canvas: Canvas, layout: FormLayout) -> None:
    canvas.paragraph(GLOSSARY, "title")
    for column, words in enumerate(("指标代码", "所在表", "指标名称", "计量单位", "填报口径", "空白的含义")):
        canvas.put(column, words, "head")
    header = canvas.row
    canvas.down(22)
    for page in layout.areas:
        for item in page.indicators:
            meaning = "\n".join(filter(None, (item.definition, numbered(item))))
            words = (item.unit, meaning, blank_words(item))
            cells = (item.printed_code, page.name, item.name, *words)
            for column, words in enumerate(cells):
                canvas.put(column, words, "grid", "wrap", "small", *(("centre",) if column in (0, 1, 3) else ()))
            heights = (canvas.height(words, column, column, "small") for column, words in enumerate(cells))
            canvas.down(max(19, max(heights) + 3))
    canvas.finish(header=(0, header))


def _hide_identity(workbook: Workbook, layout: FormLayout, fill: Fill) -> None:
    """Who the form belongs to, where no filler sees it: a very hidden sheet and the document's own properties."""
    identity = {
        "unit_code": fill.unit_code,
        "unit_name": fill.unit_name,
        "year": str(layout.year),
        "form_version": layout.version,
        "kind": layout.kind,
    }
    canvas = Canvas(workbook, Palette(workbook), IDENTITY, (20, 30))
    for key, value in identity.items():
        canvas.put(0, key)
        canvas.put(1, value, "text")
        canvas.down()
        workbook.set_custom_property(f"cunhui_{key}", value, "text")
    for codes in map(_codes, layout.pages):
        canvas.put(0, "codes")
        canvas.put(1, "".join(f"{code};" for code in codes), "text")
        canvas.down()
    for place, column in enumerate(_ranged(layout)):
        for row, words in enumerate((column.code, *column.choices)):
            canvas.sheet.write_string(row, _FIRST_RANGE + place, words)
    canvas.sheet.protect()
    canvas.sheet.very_hidden()
    workbook.set_properties(
        {"title": layout.title, "author": layout.township, "created": datetime(layout.year, 12, 31)}
    )


def _codes(page: AreaPage | ListPage) -> list[str]:
    """What a page was made with, by which the reader knows what was added to the catalogue since."""
    if isinstance(page, AreaPage):
        return [line.indicator.code for line in page.lines]
    return [page.line_list.code, *(column.code for column in page.line_list.columns)]


def _validation(item: Indicator | Column, prompt: str) -> dict:
    """What the cell accepts; anything but text is refused at once, in Chinese."""
    words = {"input_title": prompt_title(item), "input_message": prompt}
    refusal = {"error_title": "填报有误", "error_message": error_of(item), "error_type": "stop"}
    if item.type == "choice":
        return {"validate": "list", "source": list(item.choices), **words, **refusal}
    if takes_text(item):
        return {"validate": "any", **words}
    kind = "decimal" if item.decimals else "integer"
    least = float(item.minimum) if item.minimum is not None else -1e12
    most = float(item.maximum) if item.maximum is not None else 1e12
    return {"validate": kind, "criteria": "between", "minimum": least, "maximum": most, **words, **refusal}


def _ranged(layout: FormLayout) -> list[Indicator | Column]:
    """Those whose choices no dropdown can hold itself: they stand on the hidden sheet, one to a column."""
    columns = [column for page in layout.lists for column in page.line_list.columns]
    return [
        column
        for column in (*layout.indicators, *columns)
        if (column.type == "choice" and len(",".join(column.choices).encode("utf-16-le")) > 2 * _DROPDOWN)
        or any("," in choice or '"' in choice or choice.startswith("=") for choice in column.choices)
    ]


def _range(column: Indicator | Column, layout: FormLayout) -> dict[str, str]:
    """Where a dropdown finds its choices, when it cannot hold them itself."""
    for place, ranged in enumerate(_ranged(layout), start=_FIRST_RANGE):
        if ranged is column:
            letter = xl_col_to_name(place)
            return {"source": f"='{IDENTITY}'!${letter}$2:${letter}${1 + len(column.choices)}"}
    return {}


def _look(item: Indicator | Column, value: Value = None) -> tuple[str, str]:
    """How a cell shows its value: words wrapped; a number with the decimals asked, or all of those that were sent."""
    if takes_words(item):
        return "text", "wrap"
    sent = f"{Decimal(str(value)).normalize():f}" if isinstance(value, int | float | Decimal) else ""
    decimals = max(item.decimals, len(sent.partition(".")[2]))
    return "#,##0" + ("." + "0" * decimals if decimals else ""), "shrink"


def _list_width(column: Column) -> float:
    widest = {"number": 11, "choice": 15, "text": 22}[column.type]
    return max(widest, 2 * len(column.name) + 2)


def _column_hint(column: Column) -> str:
    hint = {"number": column.unit, "choice": "选一项", "text": "文字"}[column.type]
    return f"{hint}（必填）" if column.required else hint
