"""The sample township's own papers beside the workbooks: township.toml, units.csv and targets.toml, as text."""

import csv
import io
from datetime import date

from schemas.checks import plain
from schemas.township import UNIT_COLUMNS
from tests.sample.figures import TOWNSHIP_CODE, TOWNSHIP_NAME, YEARS, Township

DEADLINE = date(YEARS[-1] + 1, 1, 10)
_SETTINGS = """\
# 村汇的设置。示例镇是虚构的：换成自己乡镇的名称、代码、年度和名册，就可以用。
# 等号左边的键名不要改；文字写在半角双引号里；井号后面是说明，程序不看。

# ---- 本乡镇
[township]
# 统计用区划代码的前 9 位
code = "{code}"
# 名称，印在报表、汇总表和报告上
name = "{name}"

# ---- 收报
[collection]
# 收哪一年的数
year = {year}
# 报送期限（当地时间）
deadline = {deadline}T18:00:00
# 时区
timezone = "Asia/Shanghai"
# cunhui serve 什么时候自动汇总：分 时 日 月 星期。这里是每年 12 月和 1 月的每天 18:00
cron = "0 18 * 12,1 *"

# ---- 打印汇总表
[printing]
# 换算成万元、万亩时怎样取整："allocate" 舍位平衡，各村之和等于合计；"none" 各自四舍五入，不作调整
rounding = "allocate"
# 纸张："A3" 或 "A4"
paper = "A3"
# 合计行放在最前 "first" 还是最后 "last"
total_row = "last"
# "units" 一行一个村；"indicators" 一行一个指标
down = "units"
# 汇总表最后的“指标解释”是否随全簿打印；false 时隐藏，要看时右键点任一工作表标签、选“取消隐藏”
dictionary = false
# 表下的签名栏
signatures = ["单位负责人", "统计负责人", "填表人", "联系电话"]

# ---- 表头右上角的四项。有正式批准文号的照文件填，没有的空着，不要自己编
[marks]
# 表号，各表不同处写 {{n}}，印成第几张表
table_number = ""
# 制定机关
authority = ""
# 文号
document_number = ""
# 有效期至
valid_until = ""

# ---- 差多少算可疑，要村上说明原因（指标自己的同比幅度写在 schemas/indicators 里）
[judging]
# 按户、按人平均后，与各村中位数相差几倍
outlier_times = 5
# 与上年相差不到这么多的不问
year_on_year_least = 10
# 差这么多倍的，问是不是把万元、元这样的单位看错了
slip_times = 10000

# ---- 年度工作总结里的固定文字
[report]
"""


def township_toml(township: Township) -> str:
    """Settings of the sample, every key with a comment."""
    lines = [_SETTINGS.format(code=TOWNSHIP_CODE, name=TOWNSHIP_NAME, year=YEARS[-1], deadline=DEADLINE.isoformat())]
    for text in township.catalogue.texts.values():
        lines.append(f'# {text.name}：{text.definition}\n{text.key} = "{township.model.texts[text.key]}"\n')
    return "".join(lines)


def units_csv(township: Township) -> str:
    """The roster; the caller writes it with a byte order mark, without which Excel garbles it."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, UNIT_COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for unit in township.units:
        writer.writerow({"code": unit.code, "name": unit.name, "kind": unit.kind, "terrain": unit.terrain})
    return buffer.getvalue()


def targets_toml(township: Township, year: int) -> str:
    """What the township plans in that year's report for the year after, by the targets' names."""
    lines = [f"# {year} 年度工作总结提出的 {year + 1} 年目标。只改等号右边的数，不改左边的名称；没有定的整行删去。\n"]
    for target in township.catalogue.targets.values():
        value = plain(township.model.targets[target.code][YEARS.index(year)])
        lines.append(f'\n# {target.definition}单位：{target.unit}\n"{target.name}" = {value}\n')
    return "".join(lines)


def corrections_toml(township: Township, year: int) -> str:
    """No correction yet: how one is written, as comments, with a figure that the sample really has."""
    unit = next(unit for unit in township.units if unit.kind != "站所")
    item = next(item for item in township.catalogue.indicators.values() if item.name == "低保户数")
    value = int(plain(township.answers(unit, year).values[item.code]))
    return _CORRECTIONS.format(
        year=year, unit=unit.name, name=item.name, value=value, after=value + 1, next_year=year + 1
    )


_CORRECTIONS = """\
# {year} 年的更正：村上报错了、口头商定改哪个数的，写在这里；收到的原件不动，出处里会注明是更正。
# 每条更正写一段，去掉行首的井号就生效，改完再运行 cunhui run：
#
# [[corrections]]
# unit = "{unit}"              # 单位名称或代码
# indicator = "{name}"        # 指标名称或代码；明细表里的写栏目，再加一行 row = 第几行
# expect = {value}                # 报表里现在的数。对不上就不改，并提示您核对
# value = {after}                 # 改成什么；不改数、只免去说明的，这一行改写 waiver = true
# reason = "漏报一户，已补办手续"  # 为什么
# agreed_with = "{unit}会计"   # 和谁商定
# date = {next_year}-01-05            # 哪天
"""
