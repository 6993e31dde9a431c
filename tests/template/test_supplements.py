"""The workbook of figures given by hand, and a template's own constants: written, merged, read back, carried on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from flows.template.audit import load_constants
from flows.template.constants import declare
from flows.template.filling import Wish, fill_supplement
from flows.template.supplements import COPIED, carried, merged, path_of, renamed, write_supplements
from flows.template.templates import templates_of
from schemas.outputs import REPORTS, TEMPLATE
from schemas.supplements import Supplement, given_in
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE

VISITS = Supplement(
    "接待来访", "批次", Decimal("128.5"), "来镇的", "信访台账", "张三", "2023-12-28", where="接待【128.5】批次"
)
COPY = Supplement("调解纠纷", "件", Decimal(97), "", "《去年.docx》第 3 段", COPIED, "2024-01-02")


def test_workbook_reads_back_as_it_was_written(tmp_path):
    exact = replace(VISITS, name="十七位", value=Decimal("12345678901234567"), last=Decimal("0.1"))
    write_supplements(path_of(tmp_path, 2023), [VISITS, COPY, exact])
    assert [replace(each, place="") for each in given_in(tmp_path, 2023)] == [VISITS, COPY, exact]


def test_what_somebody_gave_is_never_replaced_by_a_copy():
    (kept,) = merged([replace(COPY, name="接待来访")], [VISITS])
    assert kept == VISITS


def test_row_that_the_same_report_does_not_name_any_more_goes_others_stay():
    other = replace(COPY, name="别的", source="《别的.docx》第 1 段")
    gone = replace(COPY, name="旧名称")
    assert [each.name for each in merged([COPY], [gone, other, VISITS])] == ["别的", "接待来访", "调解纠纷"]


def test_rows_of_the_year_after_have_last_years_value_only_beside_them():
    (row,) = carried([VISITS])
    assert (row.value, row.last, row.source, row.by, row.on) == (None, Decimal("128.5"), "", "", "")
    assert (row.unit, row.meaning, row.lacks) == ("批次", "来镇的", "数、出处、填报人、填报日期")


@pytest.mark.parametrize(
    "before", [None, '# 自己的\nwords = ["1141工程"]\n\n[[patterns]]\nname = "甲"\nmatch = "甲1"\n']
)
def test_constants_are_added_and_everything_else_stays(tmp_path, before):
    path = tmp_path / "report_constants.toml"
    if before:
        path.write_text(before, encoding="utf-8")
    assert declare(tmp_path, ["60岁以上", "1141工程", "60岁以上"]) == path
    said = load_constants(tmp_path)
    assert {"60岁以上", "1141工程"} <= set(said.words)
    text = path.read_text(encoding="utf-8")
    assert text.count("60岁以上") == text.count("1141工程") == 1
    assert before is None or ("# 自己的" in text and 'match = "甲1"' in text)


def test_rows_under_other_names_keep_all_else():
    assert renamed([VISITS, COPY], {"接待来访": "来访批次"}) == [replace(VISITS, name="来访批次"), COPY]


def test_templates_are_the_annual_one_and_the_named_ones_by_name(tmp_path):
    folder = tmp_path / REPORTS
    folder.mkdir()
    for name in (f"../{TEMPLATE}", "民政模板.docx", "党建.txt", "~$民政模板.docx", ".党建.txt", "说明.xlsx"):
        (folder / name).write_bytes(b"")
    assert [path.name for path in templates_of(tmp_path)] == [TEMPLATE, "党建.txt", "民政模板.docx"]


LAST_128 = replace(VISITS, last=Decimal("120"))


@pytest.mark.parametrize(
    ("given", "modifiers", "text", "unit"),
    [
        (LAST_128, "", "128.5", "批次"),
        (LAST_128, "上年", "120", "批次"),
        (LAST_128, "增减", "增加8.5批次", ""),
        (LAST_128, "同比", "同比增长7.1%", ""),
        (replace(LAST_128, last=Decimal("128.5")), "增减", "持平", ""),
        (VISITS, "增减", None, ""),
        (replace(VISITS, value=None, last=Decimal(3)), "", None, ""),
        (replace(VISITS, value=None, last=Decimal(3)), "上年", "3", "批次"),
        (replace(VISITS, by=""), "", None, ""),
    ],
)
def test_figure_given_by_hand_is_printed_as_the_catalogues_are_and_marked_while_anything_lacks(
    given, modifiers, text, unit
):
    filled = fill_supplement(given, Wish.of([modifiers] if modifiers else []), load_settings(SAMPLE, CATALOGUE).wording)
    assert filled.missing == (text is None)
    assert text is None or (filled.text, filled.unit) == (text, unit)
