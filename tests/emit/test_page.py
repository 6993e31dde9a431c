"""年度工作总结.html in a real browser, from a file: path: every number opens to the cells it came from."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from flows.emit.page.offline import safe_json
from flows.store.figures import Place
from flows.store.lineage import Origin
from tests.books import make_book
from tests.browsing import asked_for, contrasts, hindrances, on_paper, opened, out_of_reach, width_of
from tests.reporting import (
    TEMPLATE,
    TOWNSHIP,
    VILLAGES,
    changed,
    figure,
    filled,
    prose,
    sample,
    small_book,
    write_template,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("page"), TEMPLATE)


@pytest.fixture
def page(browser, report):
    """The sample's page, opened afresh."""
    return opened(browser, report.html)


def slots(page, name: str) -> list[WebElement]:
    """The buttons of one name, as in the text."""
    return page.find_elements(By.CSS_SELECTOR, f'[data-slot][title="{name}"]')


def open_slot(page, name: str, at: int = 0) -> str:
    """Click a number; returns what the panel says."""
    button = slots(page, name)[at]
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    return page.find_element(By.ID, "panel").text


def rows(page) -> list[list[str]]:
    """The panel's table."""
    script = "return [...document.querySelectorAll('#panel tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
    return page.execute_script(script)


def heads(page) -> list[str]:
    return page.execute_script("return [...document.querySelectorAll('#panel thead th')].map(c => c.textContent)")


def test_page_asks_for_nothing_but_itself_and_complains_of_nothing(page):
    assert asked_for(page) == {page.current_url}
    assert page.get_log("browser") == []


def test_every_slot_is_a_button_that_a_keyboard_reaches(page, report):
    kinds = page.execute_script(
        "return [...document.querySelectorAll('[data-slot]')].map(b => [b.tagName, b.getAttribute('role'), b.tabIndex,"
        " b.textContent])"
    )
    assert len(kinds) == report.filled > 237
    for tag, role, tab, text in kinds:
        assert tab == 0
        assert (tag, role) == (("BUTTON", None) if re.fullmatch(r"[\d.]+", text) else ("SPAN", "button")), text


def test_page_hinders_nobody_and_a_keyboard_reaches_all_of_it(page):
    assert out_of_reach(page, 2 + len(page.find_elements(By.CSS_SELECTOR, "a, button, input, [tabindex='0']"))) == []
    page.execute_script("scrollTo(0, 0)")  # a click does not scroll what lies under the head that stays
    page.find_element(By.CSS_SELECTOR, "[data-slot]").click()
    assert hindrances(page) == []


def test_page_says_what_the_document_says(page):
    said = page.execute_script(
        "return [...document.querySelectorAll('article > :not(figure)')].map(p => p.textContent)"
    )
    assert said == prose(sample_docx(page))


def sample_docx(page) -> Path:
    from urllib.parse import unquote, urlparse

    return Path(unquote(urlparse(page.current_url).path)).with_suffix(".docx")


def test_number_opens_its_villages_with_chart_last_year_and_cells(page):
    said = open_slot(page, "低保户数")
    assert "低保户数\n618户" in said and "上年\n597户" in said and "I01" in said
    table = rows(page)
    assert [row[0] for row in table] == [place.name for place in sample().book.villages]
    assert sum(Decimal(row[1]) for row in table) == 618
    assert sum(Decimal(row[2]) for row in table) == 597
    row = next(row for row in table if row[0] == "三湾村")
    origin = sample().lineage["990101101208", "I01"]
    assert row[3] == origin.raw and row[4] == f"三湾村.xlsx “{origin.sheet}”表 {origin.cell}"
    bars = page.find_elements(By.CSS_SELECTOR, "#panel svg[role=img] rect.bar")
    assert len(bars) == sum(Decimal(row[1]) > 0 for row in table)


def test_number_in_a_larger_unit_shows_what_was_filled_in_and_what_balancing_moved(page):
    said = open_slot(page, "马铃薯种植面积")
    assert "39345.2亩，折合 3.93万亩" in said
    table = rows(page)
    assert heads(page)[:3] == ["单位", "本年（万亩）", "填报（亩）"]
    assert sum(Decimal(row[1]) for row in table) == Decimal("3.93")
    assert sum(Decimal(row[2]) for row in table) == Decimal("39345.2")
    moved = [a.name for a in sample().book.adjustments if a.indicator == "C05"]
    assert [row[0] for row in table if "舍位平衡" in row[-1]] == moved != []


def test_ratio_shows_its_formula_with_both_totals_and_leads_on_to_them(page):
    said = open_slot(page, "农村低保覆盖面")
    assert "＝ 1356人 ÷ 19342人×100 ＝ 7.01%" in said
    assert len(rows(page)) == 15
    page.find_element(By.XPATH, "//button[@class='go'][text()='低保人口']").click()
    assert page.find_element(By.ID, "panel-title").text == "低保人口"
    assert sum(Decimal(row[1]) for row in rows(page)) == 1356


def test_comparison_shows_its_working(page):
    assert "本年 618户，上年 597户，增加21户；同比增长3.5%" in open_slot(page, "低保户数", 1)
    assert "完成 25.8公里，目标 24公里；完成数÷目标＝107.5%" in open_slot(page, "道路硬化里程", 1)


def test_names_and_counts_open_the_figure_they_come_from(page):
    assert "由“道路硬化里程”得出" in open_slot(page, "道路硬化村")
    assert len(rows(page)) == 15
    open_slot(page, "建成片带川区村数")
    assert [row[0] for row in rows(page)] == ["南川村", "紫云村", "将台村", "太平村"]


def test_figure_from_a_line_list_opens_its_rows(page):
    open_slot(page, "生猪育肥基地规模")
    assert [(row[0], row[3]) for row in rows(page)] == [("三湾村", "6000"), ("罗川村", "4500")]
    assert re.fullmatch(r"三湾村\.xlsx “规模养殖和加工设施”表 [A-Z]\d+", rows(page)[0][-1])


def test_office_figure_names_its_file_and_cell(page):
    open_slot(page, "重点工作监督检查次数")
    ((who, value, _, raw, where),) = [row[:5] for row in rows(page)]
    assert (who, value, raw) == ("示例镇纪检监察办公室", "22", "22")
    assert where.startswith("示例镇纪检监察办公室.xlsx “党的建设”表 ")


def test_explanations_of_the_village_stand_beside_its_figure(page):
    open_slot(page, "临时救助金额")
    (said,) = [row[-1] for row in rows(page) if row[0] == "窎沟村"]
    assert "按急难型救助给了6.2万元" in said


def test_targets_and_fixed_texts_name_the_file_that_holds_them(page):
    assert "inputs/2023/targets.toml" in open_slot(page, "新建砂化路")
    assert "inputs/2022/targets.toml" in open_slot(page, "新建自然村硬化路")
    assert "inputs/township.toml [report] guiding_thought" in open_slot(page, "指导思想")


def test_keyboard_opens_with_enter_and_space_and_escape_goes_back(page):
    for name, key in (("低保户数", Keys.ENTER), ("指导思想", Keys.SPACE), ("道路硬化村", Keys.ENTER)):
        button = slots(page, name)[0]
        page.execute_script("arguments[0].focus()", button)
        page.switch_to.active_element.send_keys(key)
        assert page.switch_to.active_element.get_attribute("id") == "panel-title"
        panel = page.find_element(By.ID, "panel")
        assert (panel.get_attribute("role"), panel.accessible_name) == ("dialog", name)
        page.switch_to.active_element.send_keys(Keys.ESCAPE)
        assert not panel.is_displayed()
        assert page.switch_to.active_element == button


def test_focus_is_visible(page):
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    outlines = []
    for _ in range(12):
        page.switch_to.active_element.send_keys(Keys.TAB)
        outlines.append(page.execute_script("return getComputedStyle(document.activeElement).outlineStyle"))
    assert set(outlines) == {"solid"}


def test_search_finds_by_name_code_village_and_what_was_typed(page):
    query = page.find_element(By.ID, "query")
    for words, found in {
        "低保户数": "低保户数：618户",
        "i01": "低保户数：618户",
        "生猪 罗川村": "生猪育肥基地规模（万头）：1.05万头",
        "房屋烧毁": "临时救助金额：34.38万元",
    }.items():
        query.clear()
        query.send_keys(words)
        first = page.find_element(By.CSS_SELECTOR, "#hits button").text
        assert first.startswith(found)
    query.clear()
    query.send_keys("查无此项")
    assert page.find_element(By.ID, "count").text == "没有找到"
    query.clear()
    query.send_keys("低保户数", Keys.ENTER)
    assert page.find_element(By.ID, "panel-title").text == "低保户数"


def test_printed_page_has_only_the_report(page):
    open_slot(page, "低保户数")
    with on_paper(page):
        shown = {
            name: page.find_element(By.CSS_SELECTOR, name).is_displayed()
            for name in ("header", "nav", "#panel", "article")
        }
        assert shown == {"header": False, "nav": False, "#panel": False, "article": True}
        look = page.execute_script(
            "const s = getComputedStyle(arguments[0]); return [s.borderBottomWidth, s.backgroundColor]",
            slots(page, "低保户数")[0],
        )
        assert look == ["0px", "rgba(0, 0, 0, 0)"]
        lines = "return [...document.querySelectorAll('.n')].map(e => getComputedStyle(e).textDecorationLine)"
        assert set(page.execute_script(lines)) == {"none"}


def test_all_text_stands_out_from_what_is_behind_it(browser, tmp_path):
    shaky = structs.replace(sample().book.figures[TOWNSHIP.code, "I02"], units_counted=14, provisional=True)
    outcome = filled(tmp_path, TEMPLATE, changed(sample().book, I01=None, I02=shaky))
    page = opened(browser, outcome.html)
    open_slot(page, "农村低保覆盖面")
    page.find_element(By.ID, "query").send_keys("低保")
    ratios = contrasts(page)
    assert len(ratios) > 20
    assert {name: round(ratio, 2) for name, ratio in ratios.items() if ratio < 4.5} == {}


def test_draft_says_on_top_what_it_lacks(browser, tmp_path):
    outcome = filled(tmp_path, TEMPLATE, changed(sample().book, I28=None))
    page = opened(browser, outcome.html)
    notice = page.find_element(By.CSS_SELECTOR, ".notice[role=status]").text
    assert notice == "【缺数】黄底的 1 处没有数：卫生监督协管巡查，补报后重新生成。"
    assert "missing" in slots(page, "卫生监督协管巡查")[0].get_attribute("class")
    assert "这里缺数" in open_slot(page, "卫生监督协管巡查")


HOSTILE = "</script><img src=x onerror=\"document.title='x'\">\u2028'\"&lt;"


def test_what_was_typed_is_shown_and_never_run(browser, tmp_path):
    path = write_template(tmp_path / "t.docx", "实施{{设施农业一期项目名称}}，低保{{低保户数}}户。")
    village = VILLAGES[0]
    book = small_book({"E02": HOSTILE, "I01": "5"})
    book = replace(book, figures={**book.figures, (village.code, "I01"): figure("I01", "5")})
    lineage = {(village.code, "I01"): Origin(HOSTILE, HOSTILE, "E7", HOSTILE, HOSTILE, HOSTILE)}
    page = opened(browser, filled(tmp_path, path, book, lineage).html)
    open_slot(page, "低保户数")
    assert rows(page)[0][3] == HOSTILE
    assert page.title == "示例镇2023年度工作总结"
    assert page.find_elements(By.TAG_NAME, "img") == []
    page.execute_script("document.body.insertAdjacentHTML('beforeend', arguments[0])", HOSTILE)
    assert page.title == "示例镇2023年度工作总结"  # the page's policy forbids it even when markup gets in


def test_data_for_the_script_cannot_end_it():
    assert re.search("[<>&\u2028\u2029]", safe_json({"a": HOSTILE})) is None
    assert json.loads(safe_json({"a": HOSTILE})) == {"a": HOSTILE}


def test_small_screen_shows_report_and_panel_without_sideways_scrolling(page):
    with width_of(page, 390):
        open_slot(page, "低保户数")
        assert page.execute_script("return document.documentElement.scrollWidth") <= 390
        assert page.find_element(By.ID, "panel").rect["width"] == page.execute_script(
            "return document.documentElement.clientWidth"
        )


def test_number_of_a_county_shows_first_what_each_township_has_of_it(browser, tmp_path):
    path = write_template(tmp_path / "t.docx", "低保{{低保户数}}户，共{{低保人口}}人。")
    book = small_book({"I01": "7", "I02": "9"})
    parts = [Place("990101102", "三水镇", "township"), Place("990101103", "别样镇", "township")]
    more = {
        (parts[0].code, "I01"): figure("I01", "5", units_counted=2, units_expected=3),
        (parts[1].code, "I01"): figure("I01", "2"),
        (VILLAGES[0].code, "I01"): figure("I01", "5"),
    }
    page = opened(browser, filled(tmp_path, path, replace(book, figures={**book.figures, **more}, places=parts)).html)
    open_slot(page, "低保户数")
    captions = [each.text for each in page.find_elements(By.CSS_SELECTOR, "#panel caption")]
    assert captions == ["低保户数：各乡镇合计", "低保户数：1 个单位"]
    assert heads(page)[:4] == ["乡镇", "本年（户）", "上年", "已报／应报"]
    assert rows(page)[:2] == [["三水镇", "5", "—", "2／3"], ["别样镇", "2", "—", "1／1"]]
    open_slot(page, "低保人口")
    assert "各乡镇合计" not in page.find_element(By.ID, "panel").text


def test_two_hundred_villages_open_at_once(browser, tmp_path):
    outcome = filled(tmp_path, TEMPLATE, make_book(sample().catalogue, count=200), {})
    page = opened(browser, outcome.html)
    open_slot(page, "低保户数")
    assert len(rows(page)) == 200
    assert len(page.find_elements(By.CSS_SELECTOR, "#panel svg rect.bar")) == 40
    milliseconds = page.execute_script(
        "const t = performance.now(); arguments[0].click(); return performance.now() - t", slots(page, "低保人口")[0]
    )
    assert milliseconds < 300
