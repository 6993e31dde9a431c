"""`cunhui trace` of whatever a report prints: slots as written in the template, ratios, lists, targets, texts."""

import json
import shutil

import pytest

from flows.commands.cli import main
from flows.store.reader import published
from tests.office import SAMPLE, judge_steps, small_inputs

UNITS = ["南川村", "紫云村", "三湾村", "大岔村", "将台村", "大湾村", "示例镇自然资源所"]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    inputs, outputs = small_inputs(folder, UNITS), folder / "outputs"
    (inputs / "2022").mkdir()
    for year in ("2022", "2023"):
        shutil.copy(SAMPLE / year / "targets.toml", inputs / year)
    judge_steps(inputs, outputs, publish=True)
    return inputs, outputs


@pytest.fixture
def trace(office, capsys):
    """Traces words; a dict with --json, else what is said."""

    def told(*words):
        inputs, outputs = office
        assert main(["trace", *words, "--inputs", str(inputs), "--outputs", str(outputs)]) == 0
        said = capsys.readouterr().out
        return json.loads(said) if "--json" in words else said

    return told


def test_slot_as_printed_in_the_template_is_traced(trace):
    found = trace("{{马铃薯种植面积|万亩}}", "--json")
    assert (found["indicator"], found["slot"]["unit"], found["how"]) == ("C05", "万亩", "各村相加")
    assert found["slot"]["text"] == f"{round(sum(float(cell['数值']) for cell in found['cells']) / 10_000, 2):g}"
    assert trace("{{若 C05|万亩}}", "--json")["slot"]["text"] == found["slot"]["text"]
    assert f"报告里印作：{found['slot']['text']}万亩" in trace("马铃薯种植面积|万亩")


def test_figures_that_balancing_moved_are_shown(trace, office):
    query = "SELECT a.indicator, u.name, a.printed FROM adjustments a JOIN units u ON u.code = a.unit_code"
    with published(office[1]) as store:
        code, village, printed = store.rows(f"{query} WHERE a.year = 2023 AND u.year = 2023")[0]
    words, found = trace(code, village), trace(code, village, "--json")
    assert f"舍位平衡：{village} 准确数 " in words and "，印出数 " in words
    assert (
        found["rounded"][0]["印出数"] == f"{printed.normalize():f}" and f"印为 {printed.normalize():f}" in found["here"]
    )


def test_count_names_and_typical_figures_say_how_and_show_only_their_terrain(trace):
    for code, how in (("D06", "大于 0 的川区村数"), ("D10", "大于 0 的山区村名"), ("D11", "中最常见的数")):
        assert how in trace(code)
    assert {cell["单位"] for cell in trace("D10", "--json")["cells"]} == {"三湾村", "大岔村", "大湾村"}


def test_units_of_the_roster_are_named(trace):
    assert trace("A12", "--json")["roster"] == ["南川村", "紫云村", "将台村", "大岔村", "大湾村", "三湾村"]


def test_list_figure_shows_only_the_rows_it_takes_in(trace):
    cells = trace("种猪养殖基地规模", "--json")["cells"]
    assert {cell["内容"] for cell in cells if cell["列名"] == "设施类型"} == {"种猪养殖基地"}
    assert "存栏规模 1200，将台村.xlsx" in trace("D21").replace("（原文“1200”）", "")


def test_office_figure_names_the_office_and_its_cell(trace):
    words = trace("补充耕地任务")
    assert "来源：自然资源所；汇总办法：取站所所报数" in words
    assert "示例镇自然资源所.xlsx / 耕地粮食 / " in words


def test_completion_rate_is_told_with_target_and_figure(trace):
    found = trace("道路硬化里程|完成率", "--json")
    assert (found["target"]["planned"], found["target"]["reached"]) == ("24", found["slot"]["text"])
    assert "完成数÷目标" in found["slot"]["working"]


def test_target_names_its_file_and_how_the_last_one_was_reached(trace):
    found = trace("避险搬迁任务", "--json")
    assert (found["kind"], found["file"], found["slot"]["text"]) == ("target", "2023/targets.toml", "26")
    assert (found["this_year"], found["actual"]) == ("20", "避险搬迁户数")
    assert trace("避险搬迁任务|上年", "--json")["file"] == "2022/targets.toml"
    assert "出处：2023/targets.toml" in trace("避险搬迁任务")


def test_fixed_text_and_year_name_their_file(trace):
    assert trace("指导思想", "--json")["key"] == "guiding_thought"
    assert "出处：township.toml 的 guiding_thought" in trace("{{指导思想}}")
    assert "报告里印作：2024" in trace("下年度")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("低保{{户}}", "不是指标名称"),
        ("低保户数|万公里", "不认识修饰"),
        ("指导思相", "是不是“指导思想”"),
        ("低保户数|第2", "不是名单"),
    ],
)
def test_slot_that_means_nothing_is_one_line(office, capsys, words, said):
    inputs, outputs = office
    assert main(["trace", words, "--inputs", str(inputs), "--outputs", str(outputs)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
