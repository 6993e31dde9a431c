"""What a report says beyond the catalogue: own texts and figures given by hand, with unit, source, by whom and when."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from schemas.errors import InputError
from schemas.supplements import HEADS, SHEET, lacking, load_own
from schemas.township import load_settings
from tests.office import CATALOGUE, SAMPLE

YEAR = 2023
GIVEN = '"接待来访" = { year = 2023, value = 8.5, unit = "批次", source = "信访台账", by = "张三", on = 2023-12-28 }'


def folder(tmp_path: Path, *own: str) -> Path:
    """Inputs of a township of its own name, with these lines under [report]."""
    text = (SAMPLE / "township.toml").read_text(encoding="utf-8")
    (tmp_path / "township.toml").write_text("\n".join((text, *own, "")), encoding="utf-8")
    return tmp_path


def workbook(inputs: Path, year: int, *rows: str) -> Path:
    """The year's workbook: cells with | between, in the order of its heads."""
    path = inputs / str(year) / "报告补充数.xlsx"
    path.parent.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write_row(0, 0, HEADS)
        for at, row in enumerate(rows, start=1):
            for column, cell in enumerate(row.split("|")):
                number = HEADS[column] in ("数", "上年数") and cell.strip().replace(".", "").isdigit()
                sheet.write(at, column, float(cell) if number else cell.strip())
    return path


def own_of(inputs: Path, year: int = YEAR):
    return load_own(inputs, year, load_settings(inputs, CATALOGUE), CATALOGUE)


def test_figure_of_township_toml_is_exact_with_its_source(tmp_path):
    given = own_of(folder(tmp_path, GIVEN)).figures["接待来访"]
    assert (given.value, given.unit, given.source, given.by, given.on) == (
        Decimal("8.5"), "批次", "信访台账", "张三", "2023-12-28",
    )  # fmt: skip
    assert given.lacks == ""


def test_figure_of_another_year_is_not_taken_for_this_years(tmp_path):
    inputs = folder(tmp_path, GIVEN)
    settings = load_settings(inputs, CATALOGUE)
    after = load_own(inputs, YEAR + 1, settings, CATALOGUE).figures["接待来访"]
    assert (after.value, after.last) == (None, Decimal("8.5"))
    assert load_own(inputs, YEAR + 2, settings, CATALOGUE).figures["接待来访"].last is None


def test_figure_of_the_workbook_is_exact_and_names_its_cell(tmp_path):
    inputs = folder(tmp_path)
    workbook(inputs, YEAR, "调解纠纷|1234.5|件|镇村两级|司法所台账|李四|2023-12-20")
    given = own_of(inputs).figures["调解纠纷"]
    assert (given.value, given.place, given.lacks) == (Decimal("1234.5"), "2023/报告补充数.xlsx 补充数!B2", "")


def test_last_years_workbook_says_what_is_wanted_but_gives_no_value(tmp_path):
    inputs = folder(tmp_path)
    workbook(inputs, YEAR - 1, "调解纠纷|97|件||司法所台账|李四|2022-12-20")
    given = own_of(inputs).figures["调解纠纷"]
    assert (given.value, given.last, given.unit, given.lacks) == (None, Decimal(97), "件", "数、出处、填报人、填报日期")


def test_figure_without_source_is_listed_with_the_file_to_fill(tmp_path):
    inputs = folder(tmp_path)
    workbook(inputs, YEAR, "调解纠纷|97|件", "接访|5|次||台账|王五|2023-12-01")
    told = lacking(own_of(inputs).figures.values(), inputs, YEAR)
    assert told == [f"报告补充数 1 个：调解纠纷（出处、填报人、填报日期），请填 {inputs / '2023' / '报告补充数.xlsx'}"]
    (told,) = lacking(own_of(inputs).figures.values(), inputs, YEAR + 1)
    assert told.endswith(f"{inputs / '2024' / '报告补充数.xlsx'}（先运行 cunhui report figures 生成）")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["调解|一百件|件"], "第 2 行：“调解”的数写的是“一百件”（B2）"),
        (["调解|5|件", "调解|6|件"], "第 3 行：“调解”前面已经有一行"),
        (["|5|件"], "第 2 行：有数没有名称"),
        (["调|解|5|件"], "第 2 行：“调”的数写的是“解”"),
    ],
)
def test_fault_of_the_workbook_is_one_line_with_its_row(tmp_path, rows, words):
    inputs = folder(tmp_path)
    workbook(inputs, YEAR, *rows)
    with pytest.raises(InputError) as refused:
        own_of(inputs)
    assert words in str(refused.value) and len(refused.value.lines) == 1


def test_workbook_that_is_none_is_one_line(tmp_path):
    inputs = folder(tmp_path)
    workbook(inputs, YEAR).write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="打不开"):
        own_of(inputs)


def test_figure_given_in_both_places_is_refused(tmp_path):
    inputs = folder(tmp_path, GIVEN)
    workbook(inputs, YEAR, "接待来访|9|批次||台账|王五|2023-12-01")
    with pytest.raises(InputError, match="请只留一处"):
        own_of(inputs)


def test_what_has_become_an_indicator_is_the_catalogues(tmp_path):
    inputs = folder(tmp_path)
    workbook(inputs, YEAR, "低保户数|9|户||台账|王五|2023-12-01")
    assert own_of(inputs).figures == {}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('township_nam = "某镇"', "是不是想写 township_name？"),
        ('"低保户数" = "九户"', "已经是目录里的名称"),
        ('"甲{乙" = "丙"', "不能用作名称"),
        ('"甲" = { year = 2023, value = "九", source = "台账", by = "张三", on = 2023-12-28 }', "应为数字"),
        ('"甲" = { year = 2023, value = 9, by = "张三", on = 2023-12-28 }', "缺少 source"),
    ],
)
def test_fault_of_an_own_key_is_one_line(tmp_path, line, words):
    with pytest.raises(InputError) as refused:
        load_settings(folder(tmp_path, line), CATALOGUE)
    assert words in str(refused.value) and len(refused.value.lines) == 1


def test_text_of_the_example_is_refused_in_another_township(tmp_path):
    inputs = folder(tmp_path)
    path = inputs / "township.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('name = "示例镇"', 'name = "青山镇"', 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_settings(inputs, CATALOGUE)
    assert all("还是示例的文字" in line for line in refused.value.lines)
    assert {line.partition("[report] 的 ")[2].split(" ")[0] for line in refused.value.lines} >= {"township_name"}


def test_report_date_of_another_year_is_refused_and_the_right_one_taken(tmp_path):
    inputs = folder(tmp_path)
    path = inputs / "township.toml"
    plain = path.read_text(encoding="utf-8")
    path.write_text(plain.replace("[wording]", "[wording]\nreport_date = 2022-12-31"), encoding="utf-8")
    with pytest.raises(InputError, match="报告日期写的是 2022-12-31"):
        load_settings(inputs, CATALOGUE)
    path.write_text(plain.replace("[wording]", "[wording]\nreport_date = 2024-01-15"), encoding="utf-8")
    settings = load_settings(inputs, CATALOGUE)
    assert (settings.dated(2023), settings.dated(2022)) == (date(2024, 1, 15), date(2022, 12, 31))
