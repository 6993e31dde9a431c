"""Numbers of a finished report that follow from its figures: each bound to the slot that prints it, or to none."""

import pytest

from flows.binding.bind import read_bound
from flows.binding.surroundings import Spot
from flows.binding.worked_out import Follows
from flows.binding.written import written_numbers
from flows.commands.report_check import ground_of
from flows.template.blanks import Mark
from tests.office import CATALOGUE, SAMPLE
from tests.reporting import sample

GROUND = ground_of(SAMPLE, None)
LOW = "全镇现有低保对象618户1356人"


def bound(folder, text: str) -> dict[str, tuple[str, bool, str]]:
    """What became of the numbers of a report's only sentence: by what stood there, slot, whether sure, kind."""
    path = folder / "去年.txt"
    path.write_text(f"示例镇2023年工作总结\n{text}", encoding="utf-8")
    places = read_bound(path, CATALOGUE, GROUND, sample().book).places
    return {blank.was: (blank.slot, blank.sure, blank.kind) for paragraph, *_, blank in places if paragraph == 1}


@pytest.mark.parametrize(
    ("text", "was", "slot", "sure"),
    [
        (f"{LOW}，占总人口的6.8%。", "6.8", "低保人口|占总人口", True),
        (f"{LOW}，占全镇总人口的比重为6.84%。", "6.84", "低保人口|占总人口|2位小数", True),
        (f"{LOW}，占总人口的7%。", "7", "低保人口|占总人口|0位小数", False),
        (f"{LOW}，低保户数占总户数的12.4%。", "12.4", "低保户数|占总户数", True),
        ("低保对象618户1356人，特困供养66户73人，两类共计684户、1429人。", "684", "低保户数|加特困供养户数", True),
        ("低保对象618户1356人，特困供养66户73人，两类共计684户、1429人。", "1429", "低保人口|加特困供养人数", True),
        ("梳理问题115条，其中现实矛盾66条、预计风险49条。", "115", "现实矛盾|加预计风险", False),
        ("在将台村、三湾村、大湾村等3个村建设高标准农田。", "3", "高标准农田建设村|个数", True),
        ("全镇现有低保对象618户，比上年增加21户。", "增加21户", "低保户数|增减", True),
        ("低保对象比上年增加21户。", "增加21户", "低保户数|增减", True),
        ("全镇现有低保对象618户，同比增长3.5%。", "同比增长3.5%", "低保户数|同比", True),
        ("硬化道路25.8公里，完成年度目标24公里的107.5%。", "107.5", "道路硬化里程|完成率", True),
    ],
)
def test_number_is_bound_to_the_slot_that_prints_it(tmp_path, text, was, slot, sure):
    assert bound(tmp_path, text)[was] == (f"{{{{{slot}}}}}", sure, "change")


@pytest.mark.parametrize(
    ("text", "was"),
    [
        (f"{LOW}，占财政支出的6.8%。", "6.8"),
        (f"{LOW}，占总人口的6.9%。", "6.9"),
        (f"{LOW}。接待来访128批次，同比增长3.5%。", "3.5"),
        (f"{LOW}。接待来访128批次，比上年增加21批次。", "21"),
        ("全镇现有低保对象618户，同比增长98.2%。", "98.2"),
        ("低保对象618户1356人，特困供养66户73人，两类共计688户。", "688"),
        ("在东河村、西河村等3个村建设高标准农田。", "3"),
    ],
)
def test_number_that_does_not_come_out_so_is_the_clerks_own_and_no_figure(tmp_path, text, was):
    slot, sure, kind = bound(tmp_path, text)[was]
    assert kind == "own" and not sure and slot.startswith("{{")


def test_nothing_follows_where_nothing_is_near():
    text = "比上年增加21户。"
    ((number,), _) = written_numbers(text, GROUND.constants)
    spot = Spot(0, Mark(number.start, number.end), text)
    assert Follows(GROUND, sample().book).sought(spot, number, (), ()) is None
