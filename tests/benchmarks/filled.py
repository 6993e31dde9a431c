"""What it costs to read filled copies of an adopted form, against as many forms of our own with as many cells.

python -m tests.benchmarks.filled [copies]
"""

import sys
import time

from flows.reading.child import read_inside
from flows.reading.locate.vocabulary import Words
from flows.reading.records import Wanted, WantedForm, WantedIndicator
from tests.adopted_forms import Blank
from tests.reading.test_filled import filled
from tests.text_tables import workbook

ROWS = 100
COPIES = 300


def adopted() -> tuple[Words, bytes]:
    """A vertical form of a hundred indicators in ten sections, and a filled copy of it."""
    lines = []
    for number in range(ROWS):
        section = f"§第{number // 10 + 1}部分" if number % 10 == 0 else ""
        lines.append(f"| {section} | {_name(number)} | {101 + number} | 户 | {{A{number:03d}}} | |")
    merges = [f"~ A{4 + start}:A{13 + start}" for start in range(0, ROWS, 10)]
    head = ["== 表", "| 某县 2023年村情表 | | | | | |", "| ?unit_name:填报单位： | | | ?year>年份 | | |",
            "| 分类 | 项目 | 编号 | 单位 | 数量 | 说明 |"]  # fmt: skip
    foot = ["| 说明：按年末实有数填写。 | | | | | |", "| ?filler>填表人 | | ?phone>联系电话 | | | |"]
    blank = Blank(
        "\n".join([*head, *lines, *foot, *merges]), "vertical", (3, 3), {"name": 2, "code": 3, "unit": 4}, reason=6
    )
    codes = tuple(code for code, _, _ in blank.asked())
    indicators = {code: WantedIndicator(code, "人口", "") for code in codes}
    words = Words(Wanted(indicators, {}, {"village": WantedForm(codes, ())}, (blank.form(),)))
    return words, filled(blank, {code: 100 + n for n, code in enumerate(codes)})


def ours() -> tuple[Words, bytes]:
    """A form of ours of as many rows and cells."""
    lines = [f"| {n + 1} | {_name(n)} | 户 | B{n:03d} | {100 + n} | |" for n in range(ROWS)]
    head = ["== 人口", "| 2023年年报 | | | | | |", "| 填报单位：东风村 | | | 年度 | 2023 | |",
            "| 序号 | 指标名称 | 计量单位 | 代码 | 本年数 | 说明 |"]  # fmt: skip
    foot = ["| 填表说明：按年末实有数填写。 | | | | | |", "| 填表人：李四 | | 联系电话：138 | | | |"]
    indicators = {f"B{n:03d}": WantedIndicator(_name(n), "人口", "户") for n in range(ROWS)}
    words = Words(Wanted(indicators, {}, {"village": WantedForm(tuple(indicators), ())}))
    return words, workbook("\n".join([*head, *lines, *foot]))


def _name(number: int) -> str:
    return f"第{number // 10 + 1}类第{number % 10 + 1}种户数"


def seconds(words: Words, data: bytes, copies: int) -> float:
    """Processor time of reading that many."""
    first = read_inside(data, words, "东风村.xlsx", "ab" * 32)
    assert len(first.answers) == ROWS, [finding.code for finding in first.findings]
    before = time.process_time()
    for _ in range(copies):
        read_inside(data, words, "东风村.xlsx", "ab" * 32)
    return time.process_time() - before


def main() -> None:
    """Turn and turn about, three times, so that a busy machine disturbs both alike; the least of each counts."""
    copies = int(sys.argv[1]) if len(sys.argv) > 1 else COPIES
    kinds = {"adopted": adopted(), "ours": ours()}
    least = {name: min(seconds(*kind, copies) for _ in range(3)) for name, kind in kinds.items()}
    for name, found in least.items():
        print(f"{copies} files, {name}: {found:.2f} CPU-s, {1000 * found / copies:.2f} ms a file")
    print(f"adopted / ours: {least['adopted'] / least['ours']:.2f}")


if __name__ == "__main__":
    main()
