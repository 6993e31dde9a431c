"""Entries of lists that are doubtful together, and lists as they should be, of which nothing may be asked."""

import random
from decimal import Decimal

import pytest

from flows.inbox.owner import owner_of
from flows.inbox.submission import Submission
from flows.judging.check import check
from flows.reading.child import read_inside
from flows.reading.locate.list_rows import says_total
from flows.reading.locate.vocabulary import Words
from flows.reading.wanted import wanted_of
from flows.values.sums import sum_above
from schemas.catalogue import Catalogue
from schemas.roster import Unit
from tests.messy import DATA, FORM
from tests.text_tables import workbook

YEAR = 2023
CATALOGUE = Catalogue(DATA / "catalogue")
WORDS = Words(wanted_of(CATALOGUE, YEAR))
UNITS = [Unit("990101101208", "三湾村", "村")]
ENTRIES = "| 1 | 养牛场 | 100.5 | 已建成 | 已验收 |\n| 2 | 冷库 | 19.5 | 在建 | |\n| 3 | | | | |\n"
PLACES = ("东沟", "西沟", "上庄", "下庄", "前山", "后山", "合水", "总干渠", "例河", "如意")
THINGS = ("养牛场", "冷库", "饲草配送中心", "无花果大棚", "光伏电站", "粮食烘干房", "小型水库加固", "杂粮加工坊")
STATES = ("已建成", "在建")


def found_in(tables: list[str]) -> list[list[str]]:
    """The findings of each list, written as the rows of its table, all judged together."""
    chunk = []
    for number, rows in enumerate(tables):
        reading = read_inside(workbook(FORM.replace(ENTRIES, rows)), WORDS, "三湾村.xlsx")
        chunk.append(Submission(number, reading, owner_of(reading, UNITS, YEAR), 1))
    findings = check(chunk, CATALOGUE, YEAR)["finding"]
    told = [f"{one.code} {one.cell}" for one in findings.itertuples()]
    return [[one for one, sub in zip(told, findings["sub_id"], strict=True) if sub == n] for n in range(len(tables))]


def amount(chance: random.Random) -> str:
    """A plausible investment, often a round one."""
    figure = Decimal(str(round(chance.lognormvariate(4, 1), 2)))
    return str(chance.choice((figure, figure.quantize(Decimal(1)), max(10, int(figure) // 10 * 10))))


def test_lists_as_they_should_be_are_asked_nothing():
    """300 lists of 0 to 12 entries, seeded; some leave rows blank between entries, some say 无 in the first."""
    chance, tables = random.Random(20231231), []
    for _ in range(300):
        names = chance.sample([place + thing for place in PLACES for thing in THINGS], chance.randrange(13))
        lines, number = [], 0
        for name in names:
            number += chance.choice((1, 1, 1, 2))
            lines.append(f"| {number} | {name} | {amount(chance)} | {chance.choice(STATES)} | |\n")
        tables.append("".join(lines) or chance.choice(("| 1 | | | | |\n", "| 1 | 无 | / | 无 | |\n", ENTRIES)))
    assert [found for found in found_in(tables) if found] == []


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (("100", "50", "150"), []),
        (("100.5", "19.75", "120.25"), ["ROW_IS_SUM B8"]),
        (("101", "52", "153"), ["ROW_IS_SUM B8"]),
        (("101", "52", "154"), []),
        (("101", "0", "101"), []),
        (("101", "52", "153", "205", "33", "391"), ["ROW_IS_SUM B11", "ROW_IS_SUM B8"]),
    ],
)
def test_entry_that_is_the_sum_of_those_above_it_is_asked_about_unless_chance_may_do_it(figures, told):
    rows = "".join(f"| {n} | 项目{n}号 | {figure} | 在建 | |\n" for n, figure in enumerate(figures, start=1))
    assert sorted(found_in([rows])[0]) == told


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("东沟养牛场 | 100.5 | 已建成", ["ROW_TWICE B7"]),
        ("东沟 养牛场 | 100.5 | 在建", ["ROW_TWICE B7"]),
        ("东沟养牛场 | 19.5 | 已建成", ["ROW_TWICE B7"]),
        ("东沟养牛场 | 19.5 | 在建", []),
        ("西沟养牛场 | 100.5 | 已建成", []),
    ],
    ids=["all the same", "another state", "another figure", "both other", "another name"],
)
def test_entry_that_is_an_earlier_one_again_is_asked_about_at_its_name(second, told):
    assert found_in([f"| 1 | 东沟养牛场 | 100.5 | 已建成 | 已验收 |\n| 2 | {second} | |\n"]) == [told]


def test_a_blank_of_the_last_row_is_no_evidence_and_no_objection():
    above = [(100, 60, 3), (55, 20, None)]
    assert sum_above(above, (155, None, None)) == ((0,), 3)
    assert sum_above(above, (155, 80, 4)) is None
    assert sum_above(above, (None, None, None)) is None


@pytest.mark.parametrize(
    "name",
    ["合计", "合 计", "全村合计", "本页小计", "已建成小计", "累计", "总计：", "共计3个项目", "以上2项",
     "以上三个项目合计",
     "Total",
     "Total 3个项目", "3个项目", "共3项", "全村总数"],
)  # fmt: skip
def test_totals_by_name(name):
    assert says_total(name, WORDS)


@pytest.mark.parametrize(
    "name",
    ["合水养牛场", "总干渠衬砌", "共享菜园", "小计河治理", "会计代理中心", "三个庄供水工程", "前三岔蓄水池",
     "累积坝加固",
     "统计站", "以工代赈项目", "全村亮化工程", "无花果大棚"],
)  # fmt: skip
def test_names_of_projects_are_no_totals(name):
    assert not says_total(name, WORDS)
