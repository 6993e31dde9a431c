"""What became of each place, for the clerk: a workbook to go through and decide in, and to be read back."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.binding.decided import ACCEPT, DECISIONS, OTHER, PROMOTE, SECOND, THIRD, Decision, proposed
from flows.binding.shown import Choices
from flows.files import write_atomically
from schemas.errors import InputError
from schemas.faults import Faults

if TYPE_CHECKING:
    from flows.binding.bound import Binding, Blank, Candidate

SHEET, CHOICES = "核对单", "名称"
NUMBER, CONTEXT, DECISION, NAME = "序号", "上下文（【】里是这一处）", "处理", "改为"
VALUE, AREA, REPORTER = "现值", "写进类别", "由谁填报"
HEADS = (
    NUMBER,
    "段落",
    CONTEXT,
    "类别",
    "拟填",
    VALUE,
    "写入模板",
    "把握",
    DECISION,
    NAME,
    SECOND,
    THIRD,
    AREA,
    REPORTER,
)
WIDTHS = (6, 6, 58, 10, 24, 14, 30, 8, 10, 24, 34, 34, 14, 22)
SURE, LOOK = "确定", "请核对"
KINDS = {
    "blank": "空白", "figure": "数", "change": "比较", "words": "文字", "year": "年份", "picture": "图",
    "own": "补充数", "fixed": "固定文字",
}  # fmt: skip
_NOTES = (
    "“处理”一栏：采用＝照“写入模板”一栏；备选一、备选二＝用右边写着的那一个；改为＝填右边“改为”一栏的名称；"
    "补充数＝由乡镇每年自己给的数；转为指标＝以后由各村或站所填报，再选“写进类别”“由谁填报”；固定文字＝照原样，不是数；不动＝先不管。",
    "“改为”一栏可以从下拉里选，也可以只写几个字（空格隔开），程序去找含这些字的名称；左边是全部名称，可以筛选、查找。",
    "“现值”和备选里等号后面的，是数据库里这一年的数。",
    "空着没有处理的，模板里写作 {{？名称}}，不改好不能生成报告。",
    "填好后存盘，运行 cunhui report bind 原报告 --apply 这份核对单。",
)


def write_review(binding: "Binding", choices: Choices) -> None:
    """Write the review list beside the template: one row per place, those to look at coloured, decisions to choose."""
    import xlsxwriter  # heavy: only who writes a workbook needs it

    drawn, options = io.BytesIO(), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(drawn, options) as book:
        sheet, known = book.add_worksheet(SHEET), book.add_worksheet(CHOICES)
        look = {"border": 1, "text_wrap": True, "valign": "top"}
        bold, plain = book.add_format({**look, "bold": True}), book.add_format(look)
        marked = book.add_format({**look, "bg_color": "#FFF2CC"})
        for column, (head, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, bold)
        for row, blank in enumerate(binding.blanks, start=1):
            for column, cell in enumerate(cells_of(blank)):
                look_of = plain if proposed(blank) == ACCEPT else marked
                cell = str(cell) if column == HEADS.index(VALUE) else cell
                if isinstance(cell, int):
                    sheet.write_number(row, column, cell, look_of)
                else:
                    sheet.write_string(row, column, cell, look_of)
        _write_choices(known, choices, bold)
        last, at = max(1, len(binding.blanks)), HEADS.index(DECISION)
        sheet.data_validation(1, at, last, at, {"validate": "list", "source": list(DECISIONS)})
        for head, column, rows in (
            (NAME, "A", choices.names), (AREA, "F", choices.areas), (REPORTER, "G", choices.reporters),
        ):  # fmt: skip
            source = f"='{CHOICES}'!${column}$2:${column}${len(rows) + 1}"
            warned = {"validate": "list", "source": source, "error_type": "information"}
            sheet.data_validation(1, HEADS.index(head), last, HEADS.index(head), warned)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, len(binding.blanks), len(HEADS) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    write_atomically(binding.review, drawn.getvalue())


def _write_choices(sheet: Any, choices: Choices, bold: Any) -> None:
    """All names with unit, area and present value, to filter and to choose from; areas and reporters beside them."""
    sheet.write_row(0, 0, ("名称", "单位", "类别", VALUE, "", AREA, REPORTER, "", "说明"), bold)
    for row, each in enumerate(choices.names, start=1):
        for column, cell in enumerate(each):
            sheet.write_string(row, column, cell)
    for column, cells in ((5, choices.areas), (6, choices.reporters), (8, _NOTES)):
        sheet.write_column(1, column, cells)
    for column, width in enumerate((30, 8, 14, 18, 3, 14, 26, 3, 90)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(choices.names), 3)


def cells_of(blank: "Blank") -> list[int | str]:
    """A place's row."""
    others = [_other(each) for each in blank.candidates]
    said = [KINDS[blank.kind], blank.name or "（没有合适的）", blank.value, blank.slot]
    chance = f"{blank.confidence:.0%}" if blank.confidence else ""
    decide = [proposed(blank), "", *[*others, "", ""][:2], "", ""]
    return [blank.number, blank.paragraph, blank.context, *said, chance, *decide]


def _other(each: "Candidate") -> str:
    value = f"＝{each.value}" if each.value else ""
    return f"{each.name}{value} {each.slot} {each.confidence:.0%}"


def comment_on(blank: "Blank") -> str:
    """What the marked document says of a place."""
    also = "；也可能是" + "、".join(each.name for each in blank.candidates) if blank.candidates else ""
    said = {"own": f"补充数：{blank.name}", "fixed": "固定文字，不是数"}.get(blank.kind, blank.name or "没有合适的名称")
    chance = f"，把握 {blank.confidence:.0%}" if blank.confidence and not blank.sure else ""
    return f"{blank.number}. {said}（{SURE if proposed(blank) else LOOK}{chance}）{also}"


def read_decisions(path: Path, blanks: Mapping[int, str]) -> dict[int, Decision]:
    """The decisions of a review list by the places' numbers; `blanks` has the context of each place of the report.

    Raises InputError with a line for every fault: a list of another report, a word that is no decision.
    """
    faults, found = Faults(), dict[int, Decision]()
    contexts = {str(number): context for number, context in blanks.items()}
    for row, cells in _rows(path):
        number = cells.get(NUMBER, "")
        if contexts.get(number) != cells.get(CONTEXT, ""):
            faults.add(path, row, "和报告里的这一处对不上", "请用同一份报告、同一年的数重新生成核对单")
            break
        word = cells.get(DECISION, "").strip()
        if word and word not in DECISIONS:
            faults.add(path, row, f"处理写的是“{word}”", f"应为 {'、'.join(DECISIONS)} 之一")
        name = cells.get(NAME, "").strip()
        if word == OTHER and not name:
            faults.add(path, row, "处理是“改为”，但没有写改成什么", "名称写在后面“改为”一栏")
        area, reporter = (cells.get(head, "").strip() for head in (AREA, REPORTER))
        if word == PROMOTE and not (area and reporter):
            faults.add(path, row, f"处理是“{PROMOTE}”，但没有选“{AREA}”和“{REPORTER}”")
        found[int(number)] = Decision(word or (OTHER if name else ""), name, row, area, reporter)
    faults.refuse()
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The list's rows by their heads, with their numbers. Raises InputError for a file that is none."""
    from python_calamine import CalamineError, CalamineWorkbook  # optional: only who applies a list needs it

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            rows = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    except (CalamineError, OSError):
        raise InputError(f"{path}：不是核对单（打不开，或者没有“{SHEET}”表）") from None
    heads = [str(cell) for cell in rows[0]] if rows else []
    for number, row in enumerate(rows[1:], start=2):
        cells = {
            head: f"{cell:.0f}" if isinstance(cell, float) else str(cell)
            for head, cell in zip(heads, row, strict=False)
        }
        if any(cells.values()):
            yield number, cells
