"""Normalising cells: exact values with a note of every change, or a finding; never a silent guess.

The spec table reads: asked for | what stands in the cell | value | finding | part of the note or of the reason.
"·" in a cell is an ordinary space, "␣" a U+3000, "⍽" a no-break space, "¤" a zero-width space, "⏎" a line break.
"""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

import cn2an
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.values.fields import Field, says_nothing, shown
from flows.values.measures import is_unit, ratio
from flows.values.normalise import _plain, normalise, parse
from flows.values.numerals import chinese_number
from schemas.catalogue import Catalogue
from schemas.expressions import SCALE
from schemas.findings import KINDS

FIELDS = {
    "户": Field("I01", "低保户数", "户"),
    "户必填": Field("I02", "特困户数", "户", blank="missing"),
    "户可不填": Field("I03", "搬迁户数", "户", blank="not_applicable"),
    "人": Field("J01", "户籍人口", "人"),
    "元": Field("D01", "集体收入", "元", 2),
    "万元": Field("D02", "总投资", "万元", 2),
    "亩": Field("C01", "耕地面积", "亩", 2),
    "㎡": Field("L401", "面积", "㎡", 1),
    "公里": Field("F01", "道路", "公里", 2),
    "万米": Field("F02", "渠道", "万米", 2),
    "吨": Field("C09", "粮食产量", "吨", 2),
    "公斤": Field("C08", "种子", "公斤", 1),
    "万只": Field("D09", "羊只", "万只", 2),
    "株": Field("G01", "植树", "株"),
    "%": Field("B09", "覆盖率", "%", 2),
    "个": Field("H01", "网格", "个"),
    "个次": Field("H02", "调解", "场次"),
    "数": Field("L1", "数量", ""),
}
SPEC = """
户   | 12                   | 12      |                  | 文本改为数字
户   | １２户               | 12      |                  | 全角改半角
户   | １２户·              | 12      |                  | 去掉空格
户   | 12␣                  | 12      |                  | 去掉空格
户   | ⍽12⍽                 | 12      |                  | 看不见的字符
户   | 1¤2                  | 12      |                  | 看不见的字符
户   | 12⏎                  | 12      |                  | 去掉空格
户   | '12                  | 12      |                  | 去掉撇号
户   | ’12                  | 12      |                  | 去掉撇号
户   | +12                  | 12      |                  | 去掉正号
户   | ＋１２               | 12      |                  | 去掉正号
户   | -12                  | -12     |                  | 文本改为数字
户   | －１２               | -12     |                  | 全角改半角
户   | −12                  | -12     |                  | 全角改半角
户   | 负12                 | -12     |                  | “负”改为负号
户   | 负十二               | -12     |                  | “十二”读作 12
户   | 007                  | 7       |                  | 文本改为数字
户   | 12.0                 | 12      |                  | 文本改为数字
户   | 12.00户              | 12      |                  | 去掉单位“户”
户   | 1,234                | 1234    |                  | 去掉千分号
户   | 1，234               | 1234    |                  | 去掉千分号
户   | 1,234,567            | 1234567 |                  | 去掉千分号
户   | 1·234                |         | NUMBER_UNCLEAR   | 空格
户   | 1·234·567            |         | NUMBER_UNCLEAR   | 空格
户   | 1␣234                |         | NUMBER_UNCLEAR   | 空格
户   | 1⍽234户              |         | NUMBER_UNCLEAR   | 空格
户   | 12,34                |         | NUMBER_UNCLEAR   | 逗号
户   | 12,5                 |         | NUMBER_UNCLEAR   | 小数点
户   | 1,2345               |         | NUMBER_UNCLEAR   | 逗号
户   | 1234,567             |         | NUMBER_UNCLEAR   | 逗号
户   | 0,123                |         | NUMBER_UNCLEAR   | 逗号
户   | 1,234·567            |         | NUMBER_UNCLEAR   | 逗号
户   | 12，13               |         | NUMBER_UNCLEAR   | 逗号
户   | 12·34                |         | NUMBER_UNCLEAR   | 空格
户   | 1.234.5              |         | NUMBER_UNCLEAR   | 小数点
户   | 12.                  |         | NUMBER_UNCLEAR   | 小数点
户   | 12·户                | 12      |                  | 去掉单位“户”
户   | 12(户)               | 12      |                  | 视同“户”
户   | 12家                 | 12      |                  | 单位“家”视同“户”
户   | 12人                 |         | WRONG_UNIT       |
户   | 12个                 |         | WRONG_UNIT       |
户   | 12元                 |         | WRONG_UNIT       |
户   | 12%                  |         | WRONG_UNIT       |
户   | ¥12                  |         | WRONG_UNIT       |
户   | 12个村               |         | NUMBER_UNCLEAR   | 数字后面还有“个村”
户   | 12。                 |         | NUMBER_UNCLEAR   | 数字后面还有
户   | 共12户               |         | NUMBER_UNCLEAR   | 数字前面还有“共”
户   | 低保12户             |         | NUMBER_UNCLEAR   | 数字前面还有“低保”
户   | 3.5万                | 35000   | UNIT_CONVERTED   | 折合 35000 户
户   | 1.2万户              | 12000   | UNIT_CONVERTED   | 折合 12000 户
户   | 3百户                | 300     | UNIT_CONVERTED   | 折合 300 户
户   | 约12户               | 12      | APPROXIMATE      | 约数，按 12 计
户   | 大约12               | 12      | APPROXIMATE      | 约数
户   | 12户左右             | 12      | APPROXIMATE      | 约数
户   | 12左右               | 12      | APPROXIMATE      | 约数
户   | 12上下               | 12      | APPROXIMATE      | 约数
户   | 近100户              | 100     | APPROXIMATE      | 约数
户   | 100余户              | 100     | APPROXIMATE      | 约数
户   | 100多户              | 100     | APPROXIMATE      | 约数
户   | 三十多户             | 30      | APPROXIMATE      | 约数
户   | 十来户               | 10      | APPROXIMATE      | 约数
户   | 大约3万余户          | 30000   | APPROXIMATE      | 折合 30000 户
户   | 不到100户            |         | NUMBER_UNCLEAR   | 只写了界限
户   | 100户以上            |         | NUMBER_UNCLEAR   | 只写了界限
户   | ≥100                 |         | NUMBER_UNCLEAR   | 只写了界限
户   | 几十户               |         | NUMBER_UNCLEAR   | 没有写准确数
户   | 十几户               |         | NUMBER_UNCLEAR   | 没有写准确数
户   | 若干户               |         | NOT_A_NUMBER     |
户   | 几户                 |         | NOT_A_NUMBER     |
户   | …                    |         | NOT_A_NUMBER     |
户   | 20几户               |         | NUMBER_UNCLEAR   | 数字后面还有“几户”
户   | 数百                 |         | NUMBER_UNCLEAR   | 没有写准确数
户   | 一百二十             | 120     |                  | “一百二十”读作 120
户   | 一百二十户           | 120     |                  | 去掉单位“户”
户   | 壹仟贰佰             | 1200    |                  | 读作 1200
户   | 兩千三               | 2300    |                  | 读作 2300
户   | 两千三               | 2300    |                  | 读作 2300
户   | 一百五               | 150     |                  | 读作 150
户   | 一百零五             | 105     |                  | 读作 105
户   | 十二万               | 120000  |                  | 读作 120000
户   | 十二万三             | 123000  |                  | 读作 123000
户   | 三万零五             | 30005   |                  | 读作 30005
户   | 十万零一千           | 101000  |                  | 读作 101000
户   | 一亿三千万           | 130000000 |                | 读作 130000000
户   | 二〇二三             | 2023    |                  | 读作 2023
户   | 二零二三             | 2023    |                  | 读作 2023
户   | 一○五                | 105     |                  | 读作 105
户   | 廿三                 | 23      |                  | 读作 23
户   | 零                   | 0       |                  | 读作 0
户   | 〇                   | 0       |                  | 读作 0
户   | 三五                 |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
户   | 五六十               |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
户   | 三两                 |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
户   | 三百五千二           |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
户   | 三亿五               |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
户   | 一万零               |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
户   | 一百半               |         | NUMBER_UNCLEAR   | 半
户   | 半                   |         | NOT_A_NUMBER     |
户   | 3万5千               | 35000   | UNIT_CONVERTED   | “3万5千”折合 35000 户
户   | 3万5千户             | 35000   | UNIT_CONVERTED   | 折合 35000 户
户   | 1千2百3十            | 1230    | UNIT_CONVERTED   | 折合 1230 户
户   | 3万5000              | 35000   | UNIT_CONVERTED   | 折合 35000 户
户   | 3万5                 |         | NUMBER_UNCLEAR   | 零头是几位
户   | 5千3万               |         | NUMBER_UNCLEAR   | 先后不对
户   | 7(28)                |         | NUMBER_UNCLEAR   | 括号内外各有一个数
户   | 7（28）              |         | NUMBER_UNCLEAR   | 括号内外各有一个数
户   | 12户（含2户）        |         | NUMBER_UNCLEAR   | 括号内外各有一个数
户   | (12)                 |         | NUMBER_UNCLEAR   | 负数
户   | 2.50-4.00            |         | NUMBER_UNCLEAR   | 范围
户   | 3~5                  |         | NUMBER_UNCLEAR   | 范围
户   | 3～5                 |         | NUMBER_UNCLEAR   | 范围
户   | 3户至5户             |         | NUMBER_UNCLEAR   | 范围
户   | 3到5                 |         | NUMBER_UNCLEAR   | 范围
户   | 12—15                |         | NUMBER_UNCLEAR   | 范围
户   | 12/15                |         | NUMBER_UNCLEAR   | 斜线
户   | 12+3                 |         | NUMBER_UNCLEAR   | 算式
户   | 12×3                 |         | NUMBER_UNCLEAR   | 算式
户   | =12+3                |         | NUMBER_UNCLEAR   | 没有算出结果的公式
户   | =SUM(A1:A3)          |         | NUMBER_UNCLEAR   | 没有算出结果的公式
户   | 12、13               |         | NUMBER_UNCLEAR   | 不止一个数
户   | 12或13               |         | NUMBER_UNCLEAR   | 不止一个数
户   | 12；13               |         | NUMBER_UNCLEAR   | 不止一个数
户   | 12⏎13                |         | NUMBER_UNCLEAR   | 不止一个数
户   | 2023-12-31           |         | NUMBER_UNCLEAR   | 日期
户   | 2023/12/31           |         | NUMBER_UNCLEAR   | 日期
户   | 2023.12.31           |         | NUMBER_UNCLEAR   | 日期
户   | 2023年12月31日       |         | NUMBER_UNCLEAR   | 日期
户   | 2023年12月           |         | NUMBER_UNCLEAR   | 日期
户   | 12月31日             |         | NUMBER_UNCLEAR   | 日期
户   | 2023年               |         | WRONG_UNIT       |
户   | 12:30                |         | NUMBER_UNCLEAR   | 时间
户   | 13812345678          |         | NUMBER_UNCLEAR   | 电话
户   | 138·1234·5678        |         | NUMBER_UNCLEAR   | 电话
户   | 0954-1234567         |         | NUMBER_UNCLEAR   | 电话
户   | 1e3                  |         | NUMBER_UNCLEAR   | 科学记数法
户   | 1.2E+05              |         | NUMBER_UNCLEAR   | 科学记数法
户   | 1O                   |         | NUMBER_UNCLEAR   | 字母 O
户   | O                    |         | NUMBER_UNCLEAR   | 字母 O
户   | 1l                   |         | NUMBER_UNCLEAR   | 字母 l
户   | 12。5                |         | NUMBER_UNCLEAR   | 小数点写成了别的符号
户   | =DISPIMG("ID_1",1)   |         | PICTURE          |
户   | #REF!                |         | FORMULA_ERROR    |
户   | #N/A                 |         | FORMULA_ERROR    |
户   | 不详                 |         | NOT_A_NUMBER     |
户   | 见附件               |         | NOT_A_NUMBER     |
户   | TRUE                 |         | NOT_A_NUMBER     |
户   | ٣                    |         | NOT_A_NUMBER     |
户   | ½                    |         | NOT_A_NUMBER     |
户   | 12.5                 |         | TOO_PRECISE      |
户   | 12．5                |         | TOO_PRECISE      |
户   | 3.55555万            |         | TOO_PRECISE      |
户   | 640221199001011234   |         | TOO_LONG         |
户   | 123456789012345      |         | TOO_LONG         |
户   | 12345678901234       | 12345678901234 |           | 文本改为数字
户   | 无                   | 0       |                  | 填的是“无”，按 0 计
户   | 没有                 | 0       |                  | 按 0 计
户   | 暂无                 | 0       |                  | 按 0 计
户   | 未发生               | 0       |                  | 按 0 计
户   | /                    | 0       |                  | 按 0 计
户   | ／                   | 0       |                  | 按 0 计
户   | —                    | 0       |                  | 按 0 计
户   | －                   | 0       |                  | 按 0 计
户   | -                    | 0       |                  | 按 0 计
户   | –                    | 0       |                  | 按 0 计
户   | ——                   | 0       |                  | 按 0 计
户   | ␣                    | 0       |                  | 只有空格，按 0 计
户必填   | 无               | 0       |                  | 填的是“无”，按 0 计
户必填   | 没有␣            | 0       |                  | 按 0 计
户必填   | /                |         |                  | 按没有填处理
户必填   | —                |         |                  | 按没有填处理
户必填   | 暂无             |         |                  | 按没有填处理
户必填   | ␣                |         |                  | 按没有填处理
户可不填 | 无               |         |                  | 按不适用处理
户可不填 | /                |         |                  | 按不适用处理
人   | 12名                 | 12      |                  | 单位“名”视同“人”
人   | 12口                 | 12      |                  | 单位“口”视同“人”
人   | 12位                 | 12      |                  | 视同“人”
人   | 12户                 |         | WRONG_UNIT       |
人   | 12人次               |         | WRONG_UNIT       |
人   | 1.2万名              | 12000   | UNIT_CONVERTED   | 折合 12000 人
元   | 12元整               | 12      |                  | 视同“元”
元   | 人民币12元           | 12      |                  | 去掉货币符号
元   | ¥12.50               | 12.5    |                  | 去掉货币符号
元   | ￥1,234.50           | 1234.5  |                  | 去掉千分号
元   | 12块                 | 12      |                  | 视同“元”
元   | 12．5                | 12.5    |                  | 全角改半角
元   | .5                   | 0.5     |                  | 文本改为数字
元   | 3.5万元              | 35000   | UNIT_CONVERTED   | “3.5万元”折合 35000 元
元   | 约3.5万元            | 35000   | APPROXIMATE      | 折合 35000 元
元   | 人民币约3万元        | 30000   | APPROXIMATE      | 去掉货币符号
元   | ¥12万                | 120000  | UNIT_CONVERTED   | 折合 120000 元
元   | 2千元                | 2000    | UNIT_CONVERTED   | 折合 2000 元
元   | 1.5亿元              | 150000000 | UNIT_CONVERTED | 折合 150000000 元
元   | 3亿2千万元           | 320000000 | UNIT_CONVERTED | 折合 320000000 元
元   | 十二万元             | 120000  |                  | “十二万”读作 120000
元   | 三点五元             | 3.5     |                  | “三点五”读作 3.5
元   | 三点五万元           | 35000   | UNIT_CONVERTED   | 折合 35000 元
元   | 壹万贰仟元整         | 12000   |                  | 读作 12000
元   | 12元5角              |         | NUMBER_UNCLEAR   | 数字后面还有
元   | 12.345               |         | TOO_PRECISE      |
元   | 12.340               | 12.34   |                  | 文本改为数字
元   | 350公斤/亩           |         | NUMBER_UNCLEAR   | 数字后面还有
元   | 12美元               |         | WRONG_UNIT       |
万元 | 3.5万元              | 3.5     |                  | 去掉单位“万元”
万元 | 35000元              | 3.5     | UNIT_CONVERTED   | 折合 3.5 万元
万元 | ¥35000               | 3.5     | UNIT_CONVERTED   | 折合 3.5 万元
万元 | 2千元                | 0.2     | UNIT_CONVERTED   | 折合 0.2 万元
万元 | 1.5亿元              | 15000   | UNIT_CONVERTED   | 折合 15000 万元
万元 | 十二万元             | 12      |                  | 折合 12 万元
万元 | 三万五千元           | 3.5     | UNIT_CONVERTED   | 折合 3.5 万元
万元 | 五千                 | 5000    |                  | 读作 5000
万元 | 12345元              |         | WRONG_UNIT       |
万元 | 3.5万                |         | NUMBER_UNCLEAR   | 分不清
万元 | 三万五千             |         | NUMBER_UNCLEAR   | 分不清
万元 | 3万5千               |         | NUMBER_UNCLEAR   | 分不清
万元 | 0.3亿                |         | NUMBER_UNCLEAR   | 分不清
亩   | 1万亩                | 10000   | UNIT_CONVERTED   | 折合 10000 亩
亩   | 1.5公顷              | 22.5    | UNIT_CONVERTED   | 折合 22.5 亩
亩   | 2000㎡               | 3       | UNIT_CONVERTED   | 折合 3 亩
亩   | 1000平方             | 1.5     | UNIT_CONVERTED   | 折合 1.5 亩
亩   | 100平方米            | 0.15    | UNIT_CONVERTED   | 折合 0.15 亩
亩   | 101平方米            |         | WRONG_UNIT       |
亩   | 3分                  |         | WRONG_UNIT       |
㎡   | 120平方米            | 120     |                  | 单位“平方米”视同“㎡”
㎡   | 120平米              | 120     |                  | 视同“㎡”
㎡   | 120平方              | 120     |                  | 视同“㎡”
㎡   | 120m2                | 120     |                  | 视同“㎡”
㎡   | 120M²                | 120     |                  | 视同“㎡”
㎡   | 3亩                  | 2000    | UNIT_CONVERTED   | 折合 2000 ㎡
㎡   | 1亩                  |         | WRONG_UNIT       |
㎡   | 120方                |         | WRONG_UNIT       |
公里 | 12千米               | 12      |                  | 单位“千米”视同“公里”
公里 | 12km                 | 12      |                  | 视同“公里”
公里 | 1500米               | 1.5     | UNIT_CONVERTED   | 折合 1.5 公里
公里 | 1.2万米              | 12      | UNIT_CONVERTED   | 折合 12 公里
公里 | 3里                  |         | WRONG_UNIT       |
公里 | 3华里                |         | WRONG_UNIT       |
万米 | 12公里               | 1.2     | UNIT_CONVERTED   | 折合 1.2 万米
万米 | 12345米              |         | WRONG_UNIT       |
吨   | 500公斤              | 0.5     | UNIT_CONVERTED   | 折合 0.5 吨
吨   | 1000斤               | 0.5     | UNIT_CONVERTED   | 折合 0.5 吨
吨   | 1.2万吨              | 12000   | UNIT_CONVERTED   | 折合 12000 吨
公斤 | 3千克                | 3       |                  | 单位“千克”视同“公斤”
公斤 | 五千克               | 5       |                  | 折合 5 公斤
公斤 | 3万5千克             |         | NUMBER_UNCLEAR   | 零头是几位
万只 | 3万只                | 3       |                  | 去掉单位“万只”
万只 | 30000只              | 3       | UNIT_CONVERTED   | 折合 3 万只
万只 | 三万只               | 3       |                  | 折合 3 万只
万只 | 30000头              |         | WRONG_UNIT       |
株   | 1.2万株              | 12000   | UNIT_CONVERTED   | 折合 12000 株
株   | 500棵                | 500     |                  | 单位“棵”视同“株”
%    | 12%                  | 12      |                  | 去掉单位“%”
%    | 12％                 | 12      |                  | 全角改半角
%    | 百分之十二           |         | NUMBER_UNCLEAR   | 不是完整的汉字数字
%    | 12‰                  |         | WRONG_UNIT       |
个   | 12处                 | 12      |                  | 单位“处”视同“个”
个次 | 12次                 | 12      |                  | 单位“次”视同“场次”
数   | 12                   | 12      |                  | 文本改为数字
数   | 12户                 |         | NUMBER_UNCLEAR   | 数字后面还有“户”
数   | 1.2万                | 12000   | UNIT_CONVERTED   | 折合 12000
"""
SIGNS = str.maketrans({"·": " ", "␣": "\u3000", "⍽": "\u00a0", "¤": "\u200b", "⏎": "\n"})


def spec_rows() -> list:
    rows = [[part.strip() for part in line.split("|")] for line in SPEC.strip().splitlines()]
    return [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in rows]


@pytest.mark.parametrize(("asked", "cell", "value", "code", "said"), spec_rows())
def test_text_cell_reads_as_the_spec_says(asked, cell, value, code, said):
    raw = cell.translate(SIGNS)
    parsed = parse(raw, "text", FIELDS[asked])
    assert (shown(parsed.value) if parsed.value is not None else "") == value
    assert (parsed.finding.code if parsed.finding else "") == code
    why = parsed.finding.details.get("why", "") if parsed.finding and not value else parsed.note
    assert said in why
    if value:
        assert parsed.note
    if parsed.finding:
        assert (parsed.finding.raw, parsed.finding.indicator) == (raw, FIELDS[asked].code)
        assert parsed.finding.message("三湾村").startswith("三湾村：")


@pytest.mark.parametrize(
    ("raw", "asked", "value", "code", "note"),
    [
        ("12", "户", 12, "", ""),
        ("12.0", "户", 12, "", ""),
        ("-3", "户", -3, "", ""),
        ("0", "户", 0, "", ""),
        ("1e+16", "户", None, "TOO_LONG", ""),
        ("1E+5", "户", 100000, "", ""),
        ("12.5", "户", None, "TOO_PRECISE", ""),
        ("0.30000000000000004", "元", "0.3", "", "去掉计算误差，取 0.3"),
        ("1234567.8900000001", "元", "1234567.89", "", "去掉计算误差，取 1234567.89"),
        ("5.551115123125783e-17", "户", 0, "", "去掉计算误差，取 0"),
        ("11.999999999999998", "户", 12, "", "去掉计算误差，取 12"),
        ("1234567890.4", "户", None, "TOO_PRECISE", ""),
        ("1234567890.0004", "户", None, "TOO_PRECISE", ""),
        ("1234567890.1200001", "元", "1234567890.12", "", "去掉计算误差，取 1234567890.12"),
        ("12.3456", "元", None, "TOO_PRECISE", ""),
        ("nan", "户", None, "NOT_A_NUMBER", ""),
        ("inf", "户", None, "NOT_A_NUMBER", ""),
        ("99999999999999", "户", 99999999999999, "", ""),
        ("100000000000000", "户", None, "TOO_LONG", ""),
    ],
)
def test_number_cell_is_exact_but_for_float_noise(raw, asked, value, code, note):
    parsed = parse(raw, "number", FIELDS[asked])
    assert parsed.value == (None if value is None else int(Decimal(value) * SCALE))
    assert (parsed.finding.code if parsed.finding else "") == code
    assert parsed.note == note


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        ("2023-12-31", "date", "DATE_IN_NUMBER"),
        ("TRUE", "bool", "TRUE_FALSE"),
        ("", "formula_without_value", "FORMULA_WITHOUT_VALUE"),
        ("=A1+B1", "formula_without_value", "FORMULA_WITHOUT_VALUE"),
        ("#DIV/0!", "error", "FORMULA_ERROR"),
    ],
)
def test_cell_that_holds_no_figure_is_a_blocking_finding(raw, kind, code):
    parsed = parse(raw, kind, FIELDS["户"])
    assert (parsed.value, parsed.finding.code, parsed.finding.level) == (None, code, "强制")


@pytest.mark.parametrize(
    ("asked", "value", "note"), [("户", 0, "没有填，按 0 计"), ("户必填", None, ""), ("户可不填", None, "")]
)
def test_blank_cell_means_what_the_field_declares(asked, value, note):
    parsed = parse("", "blank", FIELDS[asked])
    assert (parsed.value, parsed.note, parsed.finding) == (value, note, None)


def test_unknown_kind_of_cell_is_our_bug():
    with pytest.raises(KeyError):
        parse("12", "picture", FIELDS["户"])


CHOICE = Field("L105", "年末进度", is_text=True, choices=("已建成", "在建(含停工)"), blank="not_applicable")
WORDS = Field("F09", "特色产业名称", is_text=True)
DUE = Field("F10", "第一书记", is_text=True, blank="missing")


@pytest.mark.parametrize(
    ("field", "raw", "kind", "text", "code", "note"),
    [
        (CHOICE, "已建成", "text", "已建成", "", ""),
        (CHOICE, "已建成\u3000", "text", "已建成", "", "去掉空格"),
        (CHOICE, "已 建 成", "text", "已建成", "", "改为“已建成”"),
        (CHOICE, "在建（含停工）", "text", "在建(含停工)", "", "改为“在建(含停工)”"),
        (CHOICE, "在建", "text", None, "NOT_A_CHOICE", ""),
        (CHOICE, "建成了", "text", None, "NOT_A_CHOICE", ""),
        (CHOICE, "无", "text", None, "", "按没有填处理"),
        (CHOICE, "", "blank", None, "", ""),
        (CHOICE, "TRUE", "bool", None, "NOT_A_CHOICE", ""),
        (WORDS, "  枸杞、\u200b肉牛 ", "text", "枸杞、肉牛", "", "去掉空格"),
        (WORDS, "枸杞\n肉牛", "text", "枸杞\n肉牛", "", ""),
        (WORDS, "=cmd|' /C calc'!A0", "text", "=cmd|' /C calc'!A0", "", ""),
        (WORDS, "=DISPIMG(\"ID_1\",1)", "text", None, "PICTURE", ""),
        (WORDS, "#REF!", "error", None, "FORMULA_ERROR", ""),
        (WORDS, "", "formula_without_value", None, "FORMULA_WITHOUT_VALUE", ""),
        (WORDS, "/", "text", None, "", "按没有填处理"),
        (WORDS, "无", "text", None, "", "按没有填处理"),
        (WORDS, "12.0", "number", "12", "", ""),
        (WORDS, "2023-12-31", "date", "2023-12-31", "", ""),
        (WORDS, " ", "text", None, "", "去掉空格"),
        (DUE, "无", "text", "无", "", ""),
        (DUE, "/", "text", None, "", "按没有填处理"),
    ],
)  # fmt: skip
def test_cell_of_words_is_trimmed_and_held_to_its_choices(field, raw, kind, text, code, note):
    parsed = parse(raw, kind, field)
    assert (parsed.value, parsed.text) == (None, text)
    assert (parsed.finding.code if parsed.finding else "") == code
    assert note in parsed.note


NUMBERED = Field("Q1", "是否通客车", is_text=True, choices=("是", "否"), numbered=True)
WITH_NUMBERS = Field("Q3", "路面", is_text=True, choices=("1.水泥", "2.沥青", "9.其他", "2.5米宽"), numbered=True)


@pytest.mark.parametrize(
    ("field", "raw", "kind", "text"),
    [
        (NUMBERED, "1", "number", "是"),
        (NUMBERED, "2.0", "number", "否"),
        (NUMBERED, "（2）否", "text", "否"),
        (NUMBERED, "１．是", "text", "是"),
        (NUMBERED, "1、否", "text", None),
        (NUMBERED, "3", "number", None),
        (NUMBERED, "否。", "text", None),
        (WITH_NUMBERS, "9", "text", "9.其他"),
        (WITH_NUMBERS, "沥青", "text", "2.沥青"),
        (WITH_NUMBERS, "02.沥青", "text", "2.沥青"),
        (WITH_NUMBERS, "3", "text", None),
        (WITH_NUMBERS, "5米宽", "text", None),
        (CHOICE, "1", "number", None),
        (Field("X", "层数", is_text=True, choices=("2", "1"), numbered=True), "1", "number", "1"),
    ],
)
def test_choice_may_be_given_by_its_number(field, raw, kind, text):
    parsed = parse(raw, kind, field)
    assert parsed.text == text
    assert (parsed.finding.code if parsed.finding else "") == ("" if text else "NOT_A_CHOICE")


def test_long_cell_is_cut_in_the_message_and_whole_in_the_finding():
    finding = parse("见附件\n" + "很" * 500, "text", FIELDS["户"]).finding
    assert len(finding.raw) > 500
    assert len(finding.message("三湾村")) < 120
    assert "\n" not in finding.message("三湾村")


def test_endless_figures_are_too_long_and_do_no_harm():
    assert parse("9" * 30_000, "text", FIELDS["户"]).finding.code == "TOO_LONG"
    assert parse("一" * 30_000, "text", FIELDS["户"]).finding.code == "NUMBER_UNCLEAR"
    assert parse("1" + " " * 30_000 + "户", "text", FIELDS["户"]).finding.code == "NUMBER_UNCLEAR"
    assert parse("1e999999999", "number", FIELDS["户"]).finding.code == "TOO_LONG"


# ---- units


def test_every_unit_of_the_catalogue_is_known():
    catalogue = Catalogue()
    units = {item.unit for item in catalogue.indicators.values()}
    units |= {item.printed_in for item in catalogue.indicators.values()}
    units |= {column.unit for line_list in catalogue.lists.values() for column in line_list.columns}
    assert sorted(unit for unit in units if unit and not is_unit(unit)) == []


@pytest.mark.parametrize(
    ("word", "unit", "times"),
    [("万元", "元", 10**4), ("元", "万元", Fraction(1, 10**4)), ("千万元", "万元", 1000), ("公顷", "亩", 15),
     ("亩", "公顷", Fraction(1, 15)), ("平方公里", "亩", 1500), ("亩", "㎡", Fraction(2000, 3)), ("万头", "头", 10**4),
     ("斤", "公斤", Fraction(1, 2)), ("亿元", "元", 10**8), ("名", "人", 1), ("家", "户", 1), ("里", "公里", None),
     ("元", "户", None), ("头", "只", None), ("亩", "公里", None), ("户", "家", 1)],
)  # fmt: skip
def test_units_convert_exactly_or_not_at_all(word, unit, times):
    assert ratio(word, unit) == times


# ---- Chinese numerals


def plainly(numeral: str) -> str:
    """The same in everyday characters."""
    plain = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億貳參陸两兩〇○", "一二三四五六七八九十百千万亿二三六二二零零")
    return numeral.translate(plain).replace("廿", "二十")


def spelt(numeral: str) -> int:
    """An independent reading of a well-formed Chinese numeral, as arithmetic on its characters."""
    numeral = plainly(numeral)
    figures, sizes = "零一二三四五六七八九", {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
    if not set(numeral) & set(sizes):
        return int("".join(str(figures.index(character)) for character in numeral))
    total, figure, last = [0, 0, 0], None, 1  # what stands before 亿, before 万, and after
    for character in numeral:
        size = sizes.get(character, 0)
        if size >= 10**4:
            below = total[2] + (figure or 0)
            total = [(total[1] + below) * size, 0, 0] if size == 10**8 else [total[0], below * size, 0]
        elif size:
            total[2] += (1 if figure is None else figure) * size
        last = size or (1 if character == "零" else last)
        figure = None if size or character == "零" else figures.index(character)
    return sum(total) + (figure or 0) * (last // 10 if last >= 100 else 1)


@settings(deadline=None)
@given(st.integers(0, 10**12), st.sampled_from(["low", "up"]))
def test_chinese_numerals_of_any_size_read_back(number, style):
    assert chinese_number(cn2an.an2cn(number, style)) == number
    assert parse(cn2an.an2cn(number, style), "text", FIELDS["户"]).value == number * SCALE


def test_every_chinese_numeral_to_twenty_thousand_reads_back_in_both_readers():
    for number in range(20_000):
        numeral = cn2an.an2cn(number)
        assert chinese_number(numeral) == spelt(numeral) == number


@settings(deadline=None, max_examples=2_000)
@given(st.text("零一二三五九十百千万亿两〇壹拾", min_size=1, max_size=8))
def test_whatever_chinese_numeral_is_read_at_all_is_read_right(numeral):
    number = chinese_number(numeral)
    assert number is None or number == spelt(numeral)


# ---- any number, written in any way

decimals = st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False)
WIDE = str.maketrans("0123456789.,-+", "０１２３４５６７８９．，－＋")


def written_out(number: Decimal, draw) -> str:
    separator = draw(st.sampled_from(["", ",", "，"]))
    text = f"{number:,.2f}".replace(",", separator) if separator else f"{number:.2f}"
    if draw(st.booleans()):
        text = text.translate(WIDE)
    if draw(st.booleans()):
        text += draw(st.sampled_from(["亩", " 亩", "市亩", "亩\u3000", "(亩)"]))
    sides = st.text(" \u3000\u00a0\u200b\t\n", max_size=3)
    return draw(sides) + text + draw(sides)


@given(st.data(), decimals)
def test_any_decimal_number_however_written_is_read_exactly(data, number):
    raw = written_out(number, data.draw)
    parsed = parse(raw, "text", FIELDS["亩"])
    assert (parsed.value, parsed.finding) == (int(number * SCALE), None), raw
    assert parsed.note


@given(decimals, st.sampled_from([("万亩", 10**4), ("公顷", 15), ("千亩", 1000), ("平方公里", 1500)]))
def test_any_number_in_a_convertible_unit_is_converted_exactly_and_doubted(number, unit):
    parsed = parse(f"{number}{unit[0]}", "text", FIELDS["亩"])
    assert (parsed.value, parsed.finding.code) == (int(number * unit[1] * SCALE), "UNIT_CONVERTED")
    assert shown(parsed.value) in parsed.note


@given(decimals, st.sampled_from(["约{}亩", "{}亩左右", "{}余亩", "近{}亩"]))
def test_any_approximate_number_is_taken_and_doubted(number, frame):
    parsed = parse(frame.format(abs(number)), "text", FIELDS["亩"])
    assert (parsed.value, parsed.finding.code) == (int(abs(number) * SCALE), "APPROXIMATE")


@given(st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False), st.integers(0, 4))
def test_number_cell_is_taken_exactly_or_found_too_precise(number, places):
    parsed = parse(str(number), "number", Field("A01", "数", "", places))
    if number == round(number, places):
        assert (parsed.value, parsed.note, parsed.finding) == (int(number * SCALE), "", None)
    else:
        assert parsed.finding.code == "TOO_PRECISE"


MESS = (
    "0123456789０１９,，.．。 \u3000\u200b\n-－—–/~～+＋=()（）、或至%¥OoeEl'…"
    "元万亿千百十一二三五九两零〇点半余多约近左右无没有户家人年月日负第共"
)


@settings(deadline=None, max_examples=3_000)
@given(st.text(MESS, max_size=9) | st.text(max_size=12), st.sampled_from(["户", "元", "万元", "户必填"]))
def test_arbitrary_text_gives_what_it_says_or_a_finding(raw, asked):
    parsed = parse(raw, "text", FIELDS[asked])
    if parsed.finding or parsed.value is None:
        return
    seen = "".join(character for character in raw if unicodedata.category(character) not in ("Cc", "Cf", "Mn"))
    text = re.sub(r"[\s,'‘’`]", "", unicodedata.normalize("NFKC", seen))
    word = parsed.note.removeprefix("填的是“").split("”")[0]
    if parsed.value == 0 and (parsed.note.startswith(("只有空格", "没有填")) or says_nothing(word)):
        return
    figures = re.sub(r"[^0-9.]", "", text)
    chinese = re.sub(r"[^零一二三四五六七八九十百千万亿]", "", plainly(text).split("点")[0])
    found = Decimal(figures) if figures else Decimal(spelt(chinese))
    if "点" in text:
        found += Decimal(
            "0." + "".join(str(spelt(c)) for c in re.findall("[零一二三四五六七八九]", plainly(text).split("点")[1]))
        )
    if not figures and asked == "万元" and text.rstrip("()").endswith("万元"):
        found /= 10_000
    assert abs(parsed.value) == found * SCALE, raw
    assert (parsed.value < 0) == (found != 0 and re.sub("^(人民币|RMB|CNY|¥):?", "", text, flags=re.I)[0] in "-负−"), (
        raw
    )
    assert parsed.note


@given(
    st.text(max_size=30), st.sampled_from(["number", "text", "date", "bool", "error", "formula_without_value", "blank"])
)
def test_no_cell_whatever_raises_and_every_finding_has_its_sentence(raw, kind):
    for field in (*FIELDS.values(), CHOICE, WORDS, DUE):
        parsed = parse(raw, kind, field)
        assert parsed.finding is None or parsed.finding.message("三湾村")
        assert parsed.value is None or parsed.text is None
        assert parsed.finding is None or parsed.finding.level == "核实" or parsed.value is parsed.text is None


@given(
    st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{0,5})?", fullmatch=True),
    st.sampled_from(["number", "text"]),
    st.integers(0, 4),
)
def test_short_way_for_plain_figures_agrees_with_the_long_one(raw, kind, places):
    quick, parsed = _plain(raw, kind, places), parse(raw, kind, Field("A01", "数", "户", places))
    assert quick is None or (quick, None) == (parsed.value, parsed.finding)
    assert quick is None or parsed.note == ("" if kind == "number" else "文本改为数字")


# ---- frames


def frame(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["indicator", "raw", "kind", "row"], index=range(100, 100 + len(rows)))


def test_frame_gains_value_text_and_note_and_keeps_the_rest():
    fields = {field.code: field for field in (FIELDS["户"], FIELDS["户必填"], WORDS)}
    answers = frame(
        ("I01", "１２户", "text", 5), ("I01", "7(28)", "text", 6), ("I01", "12", "number", 7),
        ("I02", None, "blank", 8), ("F09", "枸杞", "text", 9), ("I01", "12", "text", 10),
    )  # fmt: skip
    read, findings = normalise(answers, fields)
    assert read["value"].tolist() == [120_000, pd.NA, 120_000, pd.NA, pd.NA, 120_000]
    assert str(read["value"].dtype) == "Int64"
    assert read["text"].dropna().tolist() == ["枸杞"]
    assert read["note"].tolist() == ["全角改半角；去掉单位“户”", "", "", "", "", "文本改为数字"]
    assert read["row"].tolist() == [5, 6, 7, 8, 9, 10]
    assert [(index, finding.code) for index, finding in findings] == [(101, "NUMBER_UNCLEAR")]
    assert list(answers.columns) == ["indicator", "raw", "kind", "row"], "the input is left alone"


def test_frame_of_no_rows_comes_back_with_its_columns():
    read, findings = normalise(frame(), {})
    assert {"value", "text", "note"} <= set(read.columns)
    assert (len(read), findings) == (0, [])


def test_indicator_without_a_field_is_our_bug():
    with pytest.raises(KeyError, match="Z99"):
        normalise(frame(("Z99", "12", "number", 1)), {})


def test_same_cell_seen_again_gives_the_same_finding_at_each_row():
    rows = [("I01", "约12", "text", n) for n in range(3)]
    _, findings = normalise(frame(*rows), {"I01": FIELDS["户"]})
    assert [index for index, _ in findings] == [100, 101, 102]


def test_fields_are_made_from_the_catalogue():
    catalogue = Catalogue()
    for item in [*catalogue.indicators.values(), *(c for each in catalogue.lists.values() for c in each.columns)]:
        field = Field.of(item)
        assert (field.code, field.name, field.unit, field.blank) == (item.code, item.name, item.unit, item.blank)


def test_every_kind_of_finding_raised_here_is_registered():
    assert {row.values[3] for row in spec_rows() if row.values[3]} <= set(KINDS)
