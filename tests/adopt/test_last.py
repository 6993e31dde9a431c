"""Next year's form against last year's: the same, renamed, new, gone, in another unit; codes carry the history on."""

from pathlib import Path

import openpyxl
import pytest

from flows.adopt.last import NEW, OTHERWISE, RENAMED, SAME, compare_with_last
from flows.adopt.review_rows import ANSWER_HEADS, ANSWERS
from flows.commands.adopt import REVIEW
from flows.commands.cli import main
from schemas.catalogue import OWN, Catalogue
from tests.adopt.pages import found
from tests.text_tables import workbook

LAST = """
== 村情
| 村情统计表 |
| 指标名称 | 代码 | 计量单位 | 本年 | 备注 |
| 一、人口 | — | — | — | |
| 总户数 | "01" | 户 | | |
| 总人口 | "02" | 人 | | |
| "　其中：女性" | "03" | 人 | | |
| 二、土地 | — | — | — | |
| 耕地面积 | "04" | 亩 | | |
| 撂荒地面积 | "05" | 亩 | | |
| 机井 | "06" | 眼 | | |
"""
NOW = """
== 村情
| 村情统计表 |
| 指标名称 | 代码 | 计量单位 | 本年 | 备注 |
| 一、土地 | — | — | — | |
| 耕地面积 | "01" | 公顷 | | |
| 撂荒耕地面积 | "02" | 亩 | | |
| 二、人口 | — | — | — | |
| 总户数 | "03" | 户 | | |
| 总人口 | "04" | 人 | | |
| "　其中：女性" | "05" | 人 | | |
| 村干部 | "06" | 人 | | |
"""
TOWNSHIP = "[collection]\nyear = 2027\n"


@pytest.fixture
def township(tmp_path: Path) -> Path:
    """Last year's form in the catalogue."""
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "township.toml").write_text(TOWNSHIP, encoding="utf-8")
    _adopt(tmp_path, "上年.xlsx", LAST)
    return tmp_path


def _adopt(folder: Path, name: str, form: str, *options: str, confirmed: tuple[str, ...] = ()) -> None:
    (folder / name).write_bytes(workbook(form))
    review = folder / f"{name}-{REVIEW}"
    inputs = ("--inputs", str(folder / "inputs"))
    main(["adopt", str(folder / name), *options, "--out", str(review), *inputs])
    book = openpyxl.load_workbook(review)
    for row in book[ANSWERS].iter_rows(min_row=2):
        if row[ANSWER_HEADS.index("名称")].value in confirmed:
            row[ANSWER_HEADS.index("确认")].value = "是"
    book.save(review)
    assert main(["adopt", "--apply", str(review), *inputs]) == 0


def test_figures_are_matched_by_headings_names_and_units_and_never_by_code(township: Path) -> None:
    form = found(NOW)

    compare_with_last(form, Catalogue(township / "inputs" / OWN))

    assert [(a.code, a.name, a.last, a.last_code) for a in form.answers] == [
        ("01", "耕地面积", OTHERWISE, "A04"),
        ("02", "撂荒耕地面积", RENAMED, "A05"),
        ("03", "总户数", SAME, "A01"),
        ("04", "总人口", SAME, "A02"),
        ("05", "女性", SAME, "A03"),
        ("06", "村干部", NEW, ""),
    ]
    assert [a.level == "存疑" for a in form.answers] == [True, True, False, False, False, False]


def test_adopted_next_year_codes_go_on_and_what_is_gone_ends_with_the_year_before(township: Path) -> None:
    _adopt(township, "今年.xlsx", NOW, "--last", confirmed=("耕地面积", "撂荒耕地面积"))

    catalogue = Catalogue(township / "inputs" / OWN)
    now = [(i.code, i.printed_name, i.unit, i.form_code) for i in catalogue.reported(2027)]
    assert now == [
        ("A04", "耕地面积", "公顷", "01"),
        ("A05", "撂荒耕地面积", "亩", "02"),
        ("A01", "总户数", "户", "03"),
        ("A02", "总人口", "人", "04"),
        ("A03", "女性", "人", "05"),
        ("B06", "村干部", "人", "06"),
    ]
    assert (catalogue.indicators["A06"].until, catalogue.indicators["B06"].since) == (2026, 2027)
    assert len(catalogue.forms) == 2
    assert len(catalogue.forms_of(2026)) == len(catalogue.forms_of(2027)) == 1


def test_form_without_a_forerunner_is_refused_in_one_line(township: Path, capsys) -> None:
    other = '== 别的\n| 指标名称 | 代码 | 计量单位 | 本年 |\n| 学校 | "01" | 所 | |\n| 学生 | "02" | 人 | |'
    (township / "别的.xlsx").write_bytes(workbook(other))

    assert main(["adopt", str(township / "别的.xlsx"), "--last", "--inputs", str(township / "inputs")]) == 2
    assert "没有它上年的表" in capsys.readouterr().err
