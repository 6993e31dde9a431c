"""核对表.xlsx: what was found in forms, a row per answer with a link into a copy of the form, to go through in Excel.

The workbook carries what was found in a hidden sheet, so that `--apply` needs nothing but it and the form's bytes.
"""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from flows.adopt.blank import Blank
from flows.adopt.entries import area_names
from flows.adopt.found import INFERRED, PRINTED, UNSURE, FoundForm, FoundSheet, address
from flows.adopt.last import NEW, OTHERWISE, RENAMED, SAME, gone
from flows.adopt.review_copy import draw_copy
from flows.adopt.review_rows import (
    ANSWER_HEADS,
    ANSWERS,
    DATA,
    FILLINGS,
    GRADES,
    KEEP,
    LAST,
    LEAVE,
    RELATION_HEADS,
    RELATIONS,
    SIGNS,
    TABLE_HEADS,
    TABLES,
    TOTALS,
    TYPES,
    VILLAGES,
    YES,
    Carried,
    answer_cells,
    level_of,
    relation_cells,
    who,
)
from flows.files import write_atomically
from schemas.adopted import SIGNATURES, signature_name

START = "说明"
LAST_HEADS = ("上年的指标", "今年")
CHUNK = 30_000
"""Characters of a cell of the hidden sheet; a cell holds 32,767."""
COLOURS = {PRINTED: "#E2EFDA", INFERRED: "#FFF2CC", UNSURE: "#F8CBAD", "red": "#FF7C80"}
_MEANINGS = {
    PRINTED: "印明：表上写着的",
    INFERRED: "推断：只有一种读法",
    UNSURE: "存疑：有几种读法，或认不出来，必须改正或确认",
    "red": "没有看懂的空格：不会收进目录",
}


def write_review(
    forms: Sequence[FoundForm],
    blanks: Sequence[Blank],
    path: Path,
    taken: Sequence[str],
    offices: Mapping[str, str] = {},
) -> None:
    """Write the workbook, whole or not at all. `taken` are names of areas that the catalogue has.

    `offices` are those that may report a table, names by their role.
    """
    import xlsxwriter  # heavy: a tenth of a second, and only a review is written with it

    drawn, used, areas = io.BytesIO(), list(taken), []
    for form in forms:
        areas.append(area_names(form, used))
        used += areas[-1].values()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(drawn, options) as book:
        _Drawing(book, forms, blanks, areas, offices).draw()
    write_atomically(path, drawn.getvalue())


class _Drawing:
    def __init__(
        self,
        book: Any,
        forms: Sequence[FoundForm],
        blanks: Sequence[Blank],
        areas: list[dict[int, str]],
        offices: Mapping[str, str],
    ) -> None:
        self.book, self.forms, self.blanks, self.areas, self.offices = book, forms, blanks, areas, offices
        edge: dict[str, Any] = {"border": 1, "text_wrap": True, "valign": "top", "border_color": "#A6A6A6"}
        self.plain = book.add_format(edge)
        self.head = book.add_format({**edge, "bold": True, "bg_color": "#D9E1F2"})
        self.colours = {level: book.add_format({**edge, "bg_color": colour}) for level, colour in COLOURS.items()}
        self.open = {
            level: book.add_format({**edge, "bg_color": colour, "locked": False}) for level, colour in COLOURS.items()
        }
        self.edit = book.add_format({**edge, "locked": False, "bg_color": "#FFFFFF"})
        self.link = book.add_format({**edge, "font_color": "#0563C1", "underline": 1})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def draw(self) -> None:
        start, tables = self.book.add_worksheet(START), self.book.add_worksheet(TABLES)
        answers, relations = self.book.add_worksheet(ANSWERS), self.book.add_worksheet(RELATIONS)
        self._start(start)
        self._tables(tables)
        self._answers(answers)
        self._relations(relations)
        if any(form.last_codes for form in self.forms):
            self._last(self.book.add_worksheet(LAST))
        for n, (form, blank) in enumerate(zip(self.forms, self.blanks, strict=True)):
            for sheet in form.sheets:
                draw_copy(self.book.add_worksheet(_keyed(n, sheet)), sheet, blank, self.colours, self.plain)
        data = self.book.add_worksheet(DATA)
        data.very_hidden()
        text = msgspec.json.encode(Carried(list(self.forms), self.areas, dict(self.offices))).decode()
        for n in range(0, len(text), CHUNK):
            data.write_string(n // CHUNK, 0, text[n : n + CHUNK])

    def _start(self, sheet: Any) -> None:
        answers = [answer for form in self.forms for answer in form.answers]
        counted = Counter(answer.level for answer in answers)
        relations = [one for form in self.forms for one in form.relations]
        unsure = sum(level_of(one) == UNSURE for one in relations)
        told = "、".join(f"{level} {counted[level]} 个" for level in (PRINTED, INFERRED, UNSURE))
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 100)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, "收编核对表", self.title)
        lines = [
            ("原表", "；".join(f"{form.file}（{form.name}）" for form in self.forms)),
            ("找到", f"填报格 {len(answers)} 个：" + told),
            ("", f"审核关系 {len(relations)} 条，其中存疑 {unsure} 条。"),
            ("怎样核对", "1．先看“各表”：每张表怎样填、归到哪个类别、谁来报（不写的由各村报）。"),
            ("", "2．再看“指标”和“审核关系”：存疑的行（橙色）逐行改正，或者在“确认”栏选“是”；别的行也可以改。"),
            ("", "点“单元格”一栏，到表样里的那一格。"),
            ("", "3．不要的行，“收不收”选“不收”。表样里红色的格没有看懂，要收的请改好原表再收编一次。"),
            ("", "4．存盘后运行 cunhui adopt --apply 这个文件；存疑的没有处理完，不会写进目录。"),
            ("", "5．写进目录以后，可用 cunhui adopt --undo 撤回。"),
            ("选项、标题", "几个选项之间用“、”隔开；所在标题从大到小用“＞”隔开。"),
            ("左边、右边", "审核关系里用 [单元格] 代表指标，如 [D7] + 2 * [D8]，可以有一个除号 /。"),
            ("", "别的工作表上的指标写 [第几张表.单元格]，如 [2.D7]。"),
        ]  # fmt: skip
        signed = "、".join(dict.fromkeys(name for form in self.forms for name in _signed_by(form)))
        lines += [("签名栏", f"{signed}：写进目录的封面栏目，各村所填随报表保存。")] if signed else []
        lines += [("看不到的", text) for form in self.forms for text in form.missing]
        lines += [("没有用的表", "、".join(form.other_sheets)) for form in self.forms if form.other_sheets]
        for row, (key, text) in enumerate(lines, start=2):
            sheet.write_string(row, 0, key, self.wrap)
            sheet.write_string(row, 1, text, self.wrap)
        for row, (level, text) in enumerate(_MEANINGS.items(), start=len(lines) + 3):
            sheet.write_string(row, 0, "颜色", self.colours[level])
            sheet.write_string(row, 1, text, self.colours[level])

    def _listed(self, sheet: Any, heads: Sequence[str], widths: Sequence[int], rows: int) -> None:
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, self.head)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, rows), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _choose(self, sheet: Any, column: int, rows: int, choices: Sequence[str]) -> None:
        if rows:
            sheet.data_validation(1, column, rows, column, {"validate": "list", "source": list(choices)})

    def _row(self, sheet: Any, row: int, cells: Sequence[str | int], level: str, fixed: Sequence[int]) -> None:
        for column, value in enumerate(cells):
            look = self.colours[level] if column in fixed else self.open[level] if level == UNSURE else self.edit
            if isinstance(value, int):
                sheet.write_number(row, column, value, look)
            else:
                sheet.write_string(row, column, value, look)

    def _tables(self, sheet: Any) -> None:
        found = [(n, one, block) for n, form in enumerate(self.forms) for one in form.sheets for block in one.blocks]
        self._listed(sheet, TABLE_HEADS, (6, 24, 18, 8, 26, 22, 8, 8, 36, 8, 16), len(found))
        for row, (n, one, block) in enumerate(found, start=1):
            evidence, area = block.evidence, self.areas[n][one.number]
            cells = [row, self.forms[n].file, one.name, block.head_rows[0], area, FILLINGS[block.orientation], KEEP,
                     evidence.level, evidence.why, "", who(block.reporter, self.offices)]  # fmt: skip
            self._row(sheet, row, cells, evidence.level, (0, 1, 2, 3, 7, 8))
            sheet.write_url(row, 2, f"internal:'{_keyed(n, one)}'!A{block.head_rows[0]}", self.link, one.name)
        self._choose(sheet, 5, len(found), list(FILLINGS.values()))
        self._choose(sheet, 6, len(found), (KEEP, LEAVE))
        self._choose(sheet, 9, len(found), (YES,))
        self._choose(sheet, 10, len(found), (VILLAGES, *self.offices.values()))

    def _answers(self, sheet: Any) -> None:
        found = [(n, one, answer) for n, form in enumerate(self.forms) for one in form.sheets for answer in one.answers]
        widths = (6, 16, 8, 9, 24, 34, 10, 7, 7, 24, 26, 10, 9, 8, 7, 40, 7, 10, 30)
        self._listed(sheet, ANSWER_HEADS, widths, len(found))
        for row, (n, one, answer) in enumerate(found, start=1):
            self._row(
                sheet, row, [row, one.name, *answer_cells(answer, one, self.forms[n])], answer.level, (0, 1, 2, 14, 15)
            )
            place = f"internal:'{_keyed(n, one)}'!{address(answer.place)}"
            sheet.write_url(row, 2, place, self.link, address(answer.place))
        for column, choices in (
            (8, list(TYPES.values())),
            (12, list(TOTALS.values())),
            (13, (KEEP, LEAVE)),
            (16, (YES,)),
            (17, (SAME, RENAMED, OTHERWISE, NEW)),
        ):
            self._choose(sheet, column, len(found), choices)
        known = sum(len(form.last_codes) for form in self.forms)
        if known and found:
            rule = {"validate": "list", "source": f"='{LAST}'!$A$2:$A${known + 1}"}
            sheet.data_validation(1, 18, len(found), 18, rule)
        if found:
            rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 4}
            sheet.data_validation(1, 7, len(found), 7, rule)

    def _last(self, sheet: Any) -> None:
        """Every figure of last year's forms, and what became of it."""
        found = [(told, code not in set(gone(form))) for form in self.forms for code, told in form.last_codes.items()]
        self._listed(sheet, LAST_HEADS, (50, 12), len(found))
        for row, (told, carried) in enumerate(found, start=1):
            look = self.plain if carried else self.colours[INFERRED]
            sheet.write_string(row, 0, told, look)
            sheet.write_string(row, 1, "沿用" if carried else "取消", look)

    def _relations(self, sheet: Any) -> None:
        found = [(n, one) for n, form in enumerate(self.forms) for one in form.relations]
        self._listed(sheet, RELATION_HEADS, (6, 18, 40, 26, 10, 26, 36, 8, 14, 8, 8, 26, 7), len(found))
        for row, (n, one) in enumerate(found, start=1):
            level = level_of(one)
            self._row(sheet, row, [row, one.place, *relation_cells(one, self.forms[n])], level, (0, 1, 2, 8, 10, 11))
        for column, choices in ((4, list(SIGNS.values())), (7, GRADES), (9, (KEEP, LEAVE)), (12, (YES,))):
            self._choose(sheet, column, len(found), choices)


def _keyed(form: int, sheet: FoundSheet) -> str:
    """The name of the copy of a form's sheet."""
    return f"表样{form + 1}-{sheet.number}"


def _signed_by(form: FoundForm) -> list[str]:
    """The names of a form's signature cells."""
    return [
        signature_name(cell.label.text) for sheet in form.sheets for cell in sheet.identity if cell.key in SIGNATURES
    ]
