"""The language of the catalogue: codes of the form, sections, relations; every fault is one line with file and line."""

from decimal import Decimal

import pandas as pd
import pytest

from schemas.catalogue import catalogue_of
from schemas.checks import checks_of
from schemas.columns import Columns
from schemas.errors import InputError
from schemas.expressions import SCALE, Side
from schemas.frames import check_values
from schemas.measures import Measures

PEOPLE = """[area]
number = 1
name = "人口"
title = "人口情况"
[indicators.P1]
form_code = "101"
section = ["户籍人口"]
name = "总人口"
definition = "年末户籍人口。"
unit = "人"
[indicators.P2]
form_code = "102"
section = ["户籍人口"]
name = "男"
definition = "其中男性。"
unit = "人"
parent = "P1"
[indicators.P3]
form_code = "103"
section = ["户籍人口"]
name = "女"
definition = "其中女性。"
unit = "人"
parent = "P1"
[indicators.P4]
form_code = "104"
section = ["常住人口"]
name = "男"
definition = "常住的男性。"
unit = "人"
[relations.R1]
left = "[101]"
relation = "=="
right = "[102:103]"
words = "总人口等于男女之和"
[relations.R2]
left = "P2 / P3"
relation = "<="
right = "P4 / 100"
tolerance = 0.005
words = "性别比与常住人口相符"
grade = "核实"
[relations.R3]
left = "P1"
relation = ">"
right = "P2"
words = "总人口多于男性"
[relations.R4]
left = "P4"
relation = "!="
right = "7"
words = "常住男性不会正好 7 人"
"""
LAND = """[area]
number = 2
name = "土地"
title = "土地情况"
[indicators.L1]
form_code = "101"
name = "耕地"
definition = "年末耕地。"
unit = "亩"
"""


@pytest.fixture
def loaded(tmp_path):
    def load(**files):
        folder = tmp_path / "catalogue" / "indicators"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in ({"people": PEOPLE, "land": LAND} | files).items():
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        return catalogue_of(tmp_path)

    yield load
    catalogue_of(tmp_path / "nowhere")


def refused(loaded, old, new):
    assert old in PEOPLE
    with pytest.raises(InputError) as error:
        loaded(people=PEOPLE.replace(old, new, 1))
    return [line.partition("/indicators/")[2] for line in error.value.lines]


def failing(catalogue, figures):
    values = [None if figure is None else figure * SCALE for figure in (*figures, 0)]
    codes = ["P1", "P2", "P3", "P4", "L1"]
    row = Columns.of([1], codes, pd.Series(1, range(5)), pd.Series(codes), pd.Series(values, dtype="Int64"))
    return [check.id for _, check in check_values(row, catalogue, 2024, None)]


def test_equal_names_are_told_by_the_fewest_headings(loaded):
    found = loaded()
    assert [item.name for item in found.indicators.values()] == ["总人口", "户籍人口·男", "女", "常住人口·男", "耕地"]
    assert [item.printed_name for item in found.indicators.values()] == ["总人口", "男", "女", "男", "耕地"]
    assert found.find("常住人口·男").code == "P4" and found.find("男") is None


def test_printed_code_finds_its_indicator_unless_two_tables_print_it(loaded):
    found = loaded()
    assert found.find("104").code == "P4"
    assert found.find("101") is None


def test_relation_is_printed_with_the_codes_of_the_form(loaded):
    printed = {key: relation.printed for key, relation in loaded().relations.items()}
    assert printed["R1"] == "[101]＝（[102]至[103]各行之和）"
    assert printed["R2"] == "[102]÷[103]≤[104]÷100（可相差 0.005）"
    assert printed["P2-P1"] == "[101]≥[102]"


@pytest.mark.parametrize(
    ("figures", "failed"),
    [
        ((205, 105, 100, 105), []),
        ((206, 105, 100, 105), ["R1"]),
        ((205, 105, 100, 104), ["R2"]),
        ((2055, 1055, 1000, 105), []),  # 1.055 is just within 0.005 of 1.05
        ((20551, 10551, 10000, 105), ["R2"]),
        ((100, 100, 0, 105), ["R3"]),
        ((205, 105, 100, 7), ["R2", "R4"]),
        ((10**9 + 1, 10**9, 1, 10**11), []),
    ],
)
def test_relation_holds_exactly(loaded, figures, failed):
    assert failing(loaded(), figures) == failed


def test_blank_figure_and_zero_divisor_are_not_found_again(loaded):
    assert failing(loaded(), (100, 100, 0, None)) == ["R3"]


@pytest.mark.parametrize(
    ("key", "figures", "found", "difference"),
    [
        ("R1", (206, 105, 100, 105), "总人口 206，不等于（户籍人口·男至女各行之和） 205", "（相差 1）"),
        ("R2", (205, 105, 100, 104), "户籍人口·男 105÷女 100＝1.05，大于常住人口·男 104÷100＝1.04",
         "（相差 0.01，可相差 0.005）"),
        ("R2", (5, 2, 3, 5), "户籍人口·男 2÷女 3＝约 0.6667，大于常住人口·男 5÷100＝0.05",
         "（相差 约 0.6167，可相差 0.005）"),
        ("R3", (100, 100, 0, 0), "总人口 100，不大于户籍人口·男 100", ""),
    ],
)  # fmt: skip
def test_failed_relation_says_both_sides(loaded, key, figures, found, difference):
    check = next(check for check in checks_of(loaded(), 2024) if check.id == key)
    row = dict(zip(["P1", "P2", "P3", "P4"], (figure * SCALE for figure in figures), strict=True))
    told = check.finding(row).details
    assert (told["found"], told["difference"]) == (found, difference)


def test_range_leaves_out_rows_that_the_year_does_not_ask(loaded):
    found = loaded(people=PEOPLE.replace('name = "女"', 'until = 2023\nname = "女"'))
    printed = {year: [check.printed for check in checks_of(found, year) if check.id == "R1"] for year in (2023, 2024)}
    assert printed == {2023: ["[101]＝（[102]至[103]各行之和）"], 2024: ["[101]＝[102]"]}


@pytest.mark.parametrize("text", ["A /", "A / B / C", "", "A B", "[101:]", "[A", "A / ", "2 *"])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ValueError):
        Side.parse(text)


def test_constant_may_have_decimals():
    side = Side.parse("2 * A - 0.8")
    assert side.exact({"A": SCALE}) * 10 == 12
    assert (side.words({}), Side.parse("0.80").words({}), Side.parse("A + 5").words({})) == ("2×A-0.8", "0.80", "A+5")
    with pytest.raises(ValueError):
        Side.parse("A + 0.12345")


def test_unit_is_known_behind_words_of_magnitude_that_it_begins_with_itself():
    measures = Measures(others={"power": ["千瓦时"]})
    assert measures.knows("千瓦时") and measures.knows("万千瓦时") and not measures.knows("万瓦时")


def test_quotient_is_exact():
    values = {"A": 10 * SCALE, "B": 3 * SCALE, "C": 0}
    assert Side.parse("100 * A / B").exact(values) * 3 == 1000
    assert Side.parse("A / C").exact(values) is None
    assert Side.parse("A - B + 2").exact(values) == Decimal(9)


FAULTS = {
    "code twice": ('form_code = "103"', 'form_code = "0102"', 'form_code = "0102"', "在表上的代码“0102”与 P2 的相同"),
    "code of signs": ('form_code = "103"', 'form_code = "1 03"', 'form_code = "1 03"', "form_code 写的是“1 03”"),
    "empty heading": ('["户籍人口"]', '["户籍人口", " "]', '["户籍人口", " "]', "section 里有“ ”"),
    "same name": ('section = ["常住人口"]', 'section = ["户籍人口"]', 'name = "男"', "指标名称重复：“男”（P2、P4）"),
    "same but for brackets": ('name = "女"', 'name = "男（人）"', 'name = "男（人）"', "去掉括号后与 P2 男 同名"),
    "range reversed": ("[102:103]", "[103:102]", "[103:102]", "首尾颠倒，应为 [102:103]"),
    "range over two tables": ("[102:103]", "[102:L1]", "[102:L1]", "从人口到土地"),
    "range of nothing": ("[102:103]", "[102:199]", "[102:199]", "没有声明的指标 199"),
    "no quotient": ("P2 / P3", "P2 / P3 / P4", "P2 / P3 / P4", "left 写的是“P2 / P3 / P4”"),
    "tolerance of a strict sign": ('relation = "<="', 'relation = "<"', "tolerance = 0.005", "只用于 ==、>=、<="),
    "unknown sign": ('relation = "!="', 'relation = "=/="', 'relation = "=/="', "relation 写的是"),
}


@pytest.mark.parametrize(("old", "new", "at", "words"), FAULTS.values(), ids=FAULTS)
def test_fault_is_told_with_its_line(loaded, old, new, at, words):
    lines = refused(loaded, old, new)
    line = PEOPLE.replace(old, new, 1).partition(at)[0].count("\n") + 1
    assert any(told.startswith(f"people.toml 第 {line} 行") and words in told for told in lines), lines


def with_more(indicators: str) -> str:
    """The people's table with further indicators, before its relations."""
    return PEOPLE.replace("[relations.R1]", indicators + "[relations.R1]")


def assert_told(loaded, text: str, place: int, words: str) -> None:
    """That the catalogue is refused for what stands on the line of that character."""
    with pytest.raises(InputError) as error:
        loaded(people=text)
    lines = [line.partition("/indicators/")[2] for line in error.value.lines]
    line = text[:place].count("\n") + 1
    assert any(told.startswith(f"people.toml 第 {line} 行") and words in told for told in lines), lines


CHOICE = """[indicators.P5]
name = "通水"
definition = "年末是否通自来水。"
unit = ""
type = "choice"
choices = ["是", "否"]
"""
ANSWERS = {
    "comma": ('"否"', '"否，没有"', "choices", "选项里不得有逗号、顿号"),
    "twice": ('"否"', '"是"', "choices", "选项“是”写了不止一次"),
    "empty": ('"否"', '""', "choices", "选项不得空着"),
    "no choices": ('choices = ["是", "否"]\n', "", "[indicators.P5]", 'type = "choice" 的要写 choices'),
    "choices of a figure": ('type = "choice"\n', "", "choices", "type 是 number"),
    "other type": ('type = "choice"', 'type = "choose"', "type", "应为 number、text、choice 之一"),
    "total of words": ('unit = ""', 'unit = ""\ntotal = "weighted"', "total", "文字只能是 text 或 none"),
    "weight missing": ('unit = ""\ntype = "choice"\nchoices = ["是", "否"]', 'unit = "米"\ntotal = "weighted"',
                       "[indicators.P5]", '的要写 weight'),
    "weight without mean": ('unit = ""\ntype = "choice"\nchoices = ["是", "否"]', 'unit = "米"\nweight = "P1"',
                            "weight", '的要写 weight，别的不写'),
    "weight of nobody": ('unit = ""\ntype = "choice"\nchoices = ["是", "否"]',
                         'unit = "米"\ntotal = "weighted"\nweight = "P9"', 'weight = "P9"', "没有声明的指标 P9"),
    "weight in words": ("[indicators.P5]", '[indicators.P6]\nname = "亩产"\ndefinition = "。"\nunit = "吨"\n'
                        'total = "weighted"\nweight = "P5"\n[indicators.P5]', 'weight = "P5"', "应为同一家填报的数"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "words"), ANSWERS.values(), ids=ANSWERS)
def test_fault_of_answers_is_told_with_its_line(loaded, old, new, at, words):
    assert old in CHOICE
    text = with_more(CHOICE.replace(old, new, 1))
    assert_told(loaded, text, len(text.partition(at)[0]), words)


def test_choice_is_followed_by_a_count_of_each(loaded):
    found = loaded(people=with_more(CHOICE))
    assert [item.name for item in found.indicators.values()][4:7] == ["通水", "通水：是", "通水：否"]
    assert found.indicators["P5"].total == "choice" and found.indicators["P5"].blank == "not_applicable"
    assert [item.code for item in found.reported(2024)] == ["P1", "P2", "P3", "P4", "P5", "L1"]


PERIOD = """[indicators.P6]
name = "总人口（累计）"
row = "P1"
period = "累计"
definition = "。"
unit = "人"
"""
SECOND = 'unit = "人"\n' + PERIOD.replace("P6", "P7")
COLUMNS = {
    "head of the form": ('"累计"', '"本年数"', "period", "不得是 序号"),
    "no period": ('period = "累计"\n', "", "row", "只写了 row、period 中的一个"),
    "no row": ('row = "P1"\n', "", "period", "只写了 row、period 中的一个"),
    "row of nobody": ('row = "P1"', 'row = "P9"', "row", "没有声明的指标 P9"),
    "row in another table": ('row = "P1"', 'row = "L1"', "row", "应为同一张表"),
    "other unit": ('unit = "人"', 'unit = "户"', 'unit = "户"', "同一行只印一个计量单位"),
    "row of a row": ('unit = "人"\n', SECOND.replace("P1", "P6").replace("累计", "本季"),
                     'row = "P6"', "自己占一行的指标"),
    "period twice": ('unit = "人"\n', SECOND.replace("（累计）", "（到年底）"),
                     "period", "“累计”一栏写了两次"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "words"), COLUMNS.values(), ids=COLUMNS)
def test_fault_of_a_period_is_told_with_its_line(loaded, old, new, at, words):
    assert old in PERIOD
    text = with_more(PERIOD.replace(old, new, 1))
    assert_told(loaded, text, text.index(at, text.index("[indicators.P6]") + len("[indicators.P6]")), words)


FIELDS = {
    "colon": ("负责：人", "name 写的是“负责：人”"),
    "empty": ("", "name 写的是“”"),
    "the unit's own": ("单位 代码", "是表上别的名称"),
    "an indicator's": ("总人口", "是表上别的名称"),
    "twice": ("联系电话", "与 phone 的相同"),
}


@pytest.mark.parametrize(("name", "words"), FIELDS.values(), ids=FIELDS)
def test_fault_of_a_field_of_the_cover_is_told_with_its_line(loaded, tmp_path, name, words):
    others = f'[fields.phone]\nname = "联系电话"\n[fields.leader]\nrequired = true\nname = "{name}"\n'
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "others.toml").write_text(others, encoding="utf-8")
    with pytest.raises(InputError) as error:
        loaded()
    assert any("others.toml 第 5 行" in line and words in line for line in error.value.lines), error.value.lines
