"""收报情况.html in a real browser: who is in, who was sent back and why, from a store that holds every state."""

import re
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlparse

import openpyxl
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from flows.emit.board.board import board_page
from flows.emit.board.data import MOST
from flows.store.findings import Told
from flows.store.pending import Pending
from flows.store.standing import Standing
from tests.books import settings
from tests.browsing import asked_for, contrasts, hindrances, on_paper, opened, out_of_reach, width_of
from tests.office import run_steps, small_inputs
from tests.returning import edit, row_of

HOSTILE = "</script><img src=x onerror=\"document.title='x'\">\u2028'\"&lt;"
REASON = "疫情期间村党支部停办九个月主题党日，镇党委备案"
NAMES = ["三湾村", "大湾村", "罗川村", "东风村", "花岔村", "示例镇司法所"]
NOW = datetime(2024, 1, 12, 10, tzinfo=settings().zone)
CORRECTION = """
[[corrections]]
unit = "罗川村"
indicator = "J01"
expect = {sent}
value = {value}
reason = "与户籍册核对"
agreed_with = "罗川村会计"
date = 2024-01-05
"""


class Office:
    """Units in every state, and files of nobody."""

    def __init__(self, folder: Path) -> None:
        self.inputs, self.outputs = small_inputs(folder, NAMES), folder / "outputs"
        self.page = self.outputs / "2023" / "收报情况.html"
        inbox = self.inputs / "2023" / "submissions"
        (inbox / "大湾村.xlsx").unlink()
        edit(inbox / "三湾村.xlsx", {"I01": 50, "I02": 3, "A07": (3, "属实"), "J04": HOSTILE})
        edit(inbox / "东风村.xlsx", {"A07": (3, REASON)})
        households = row_of(openpyxl.load_workbook(inbox / "罗川村.xlsx"), "J01")["本年数"].value
        entry = CORRECTION.format(sent=households, value=households + 1)
        (self.inputs / "2023" / "corrections.toml").write_text(entry, encoding="utf-8")
        (inbox / "花岔村.xlsx").write_bytes(b"PK\x03\x04 not whole")
        (inbox / "年终.docx").write_bytes(b"PK\x03\x04")
        (inbox / "~$三湾村.xlsx").write_bytes(b"lock")
        (inbox / "罗川村（副本）.xlsx").write_bytes((inbox / "罗川村.xlsx").read_bytes())
        self.standing = self.run()

    def run(self) -> Standing:
        return run_steps(self.inputs, self.outputs)


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def page(browser, office):
    """The office's page, opened afresh."""
    return opened(browser, office.page)


def rows(page, selector: str = "#units > tbody:not([hidden]) > tr:first-child") -> dict[str, list[str]]:
    """What is shown, by the first cell of its row."""
    script = "return [...document.querySelectorAll(arguments[0])].map(r => [...r.cells].map(c => c.textContent))"
    return {name: cells for name, *cells in page.execute_script(script, selector)}


def opener(page, name: str):
    return page.find_element(By.XPATH, f"//button[contains(@class,'open')][text()='{name}']")


def told(page, name: str) -> str:
    """What an opened row says."""
    button = opener(page, name)
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return page.find_element(By.ID, button.get_attribute("aria-controls")).text


def search(page, words: str) -> list[str]:
    query = page.find_element(By.ID, "query")
    query.clear()
    query.send_keys(words)
    return list(rows(page))


def state_button(page, words: str):
    return page.find_element(By.XPATH, f"//div[@id='states']/button[starts-with(normalize-space(),'{words} ')]")


def test_every_expected_unit_has_a_row_with_its_state(page):
    found = rows(page)
    assert list(found) == ["大湾村", "三湾村", "罗川村", "东风村", "花岔村", "示例镇司法所"]
    assert {name: cells[2] for name, cells in found.items()} == {
        "大湾村": "未报", "三湾村": "已退回", "罗川村": "已采用", "东风村": "已采用（有说明）",
        "花岔村": "读不出", "示例镇司法所": "已采用",
    }  # fmt: skip
    kind, terrain, _, revision, file, received, days, must, confirm, explained, filler, phone, _ = found["三湾村"]
    assert (kind, terrain, revision, file, days) == ("村", "山区", "1", "三湾村.xlsx", "0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", received)
    assert (must, confirm, explained, filler, phone) == ("2", "1", "0", "董永强", "0000-1220807")
    assert found["大湾村"][3:] == [""] * 9 + ["复制催报语"]


def test_head_says_how_many_are_in_and_how_far_off_the_deadline_is(page, office):
    said = page.find_element(By.CSS_SELECTOR, ".whole").text
    assert "报送期限 2024年1月10日18时，已过" in said
    assert "已采用 3 个，应报 6 个（50%）" in said
    bar = page.find_element(By.TAG_NAME, "progress")
    assert (bar.get_attribute("value"), bar.get_attribute("max")) == ("3", "6")
    states = [button.text for button in page.find_elements(By.CSS_SELECTOR, "#states button")]
    assert states == ["全部 6", "已采用 2", "已采用（有说明） 1", "已退回 1", "读不出 1", "未报 1"]
    assert str(office.page) in office.standing.emitted


def test_opened_row_says_where_what_is_wrong_how_to_mend_it_and_why_a_reason_is_refused(page):
    said = told(page, "三湾村")
    assert "强制：必须改正（2 处）" in said and "核实：改正，或写明原因（1 处）" in said
    assert re.search(r"民生保障 E\d+\nI0[12] 低保(人口|户数)\n.*低保人口 3.*50.*\n请核对后重报。", said)
    assert "说明：“属实”\n不采纳：只是套话" in said
    assert f"说明：“{REASON}”\n采纳" in told(page, "东风村")
    assert "还没有收到报表。" in told(page, "大湾村")


def test_clerks_corrections_stand_apart(page):
    said = told(page, "罗川村")
    assert "统计员的更正（1 处）" in said and "与户籍册核对（与罗川村会计商定，2024-01-05）" in said


def test_keyboard_opens_and_closes_a_row(page):
    button = opener(page, "三湾村")
    more = page.find_element(By.ID, button.get_attribute("aria-controls"))
    assert not more.is_displayed()
    page.execute_script("arguments[0].focus()", button)
    for key, shown in ((Keys.ENTER, True), (Keys.SPACE, False), (Keys.SPACE, True)):
        page.switch_to.active_element.send_keys(key)
        assert (button.get_attribute("aria-expanded"), more.is_displayed()) == (str(shown).lower(), shown)
        assert page.switch_to.active_element == button


def test_click_anywhere_in_a_row_opens_it_once(page):
    cell = page.find_element(By.XPATH, "//td[text()='三湾村.xlsx']")
    cell.click()
    assert opener(page, "三湾村").get_attribute("aria-expanded") == "true"
    cell.click(), cell.click()
    assert len(page.find_elements(By.CSS_SELECTOR, ".more:not([hidden]) > td > section")) == 2


def test_state_buttons_and_kind_choose_rows_and_say_how_many(page):
    state_button(page, "已退回").click()
    assert list(rows(page)) == ["三湾村"]
    state_button(page, "未报").click()
    assert list(rows(page)) == ["大湾村", "三湾村"]
    shown = page.find_element(By.ID, "shown")
    assert (shown.text, shown.get_attribute("aria-live")) == ("显示 2 个单位，共 6 个", "polite")
    pressed = page.find_elements(By.CSS_SELECTOR, "#states [aria-pressed=true]")
    assert [button.text for button in pressed] == ["已退回 1", "未报 1"]
    state_button(page, "全部").click()
    assert len(rows(page)) == 6 and state_button(page, "全部").get_attribute("aria-pressed") == "true"
    Select(page.find_element(By.ID, "kind")).select_by_visible_text("站所")
    assert list(rows(page)) == ["示例镇司法所"]


def test_search_finds_names_people_codes_and_findings(page):
    assert search(page, "山区 三湾") == ["三湾村"]
    assert search(page, "董永强") == ["三湾村"]
    assert search(page, "990101101208") == ["三湾村"]
    assert search(page, "主题党日停办") == [] and page.find_element(By.ID, "shown").text == "没有符合的单位"
    assert search(page, "停办九个月") == ["东风村"]
    assert search(page, "户籍册核对") == ["罗川村"]


def test_heads_sort_up_and_down_with_blanks_last(page):
    def sort(words: str) -> list[str]:
        page.find_element(By.XPATH, f"//thead//button[text()='{words}']").click()
        return list(rows(page))

    head = page.find_element(By.XPATH, "//th[button[text()='须改正']]")
    assert sort("须改正") == ["罗川村", "东风村", "示例镇司法所", "花岔村", "三湾村", "大湾村"]
    assert head.get_attribute("aria-sort") == "ascending"
    assert sort("须改正") == ["三湾村", "花岔村", "罗川村", "东风村", "示例镇司法所", "大湾村"]
    assert head.get_attribute("aria-sort") == "descending"
    assert sort("报送情况") == ["罗川村", "示例镇司法所", "东风村", "三湾村", "花岔村", "大湾村"]
    assert head.get_attribute("aria-sort") == "none"
    assert sort("单位")[0] == "大湾村" and sort("单位")[0] == "示例镇司法所"


def test_links_lead_to_the_files_that_go_back(page, office):
    for name in ("三湾村", "花岔村", "罗川村"):
        told(page, name)
    anchors = page.find_elements(By.CSS_SELECTOR, ".more a, .loose a")
    files = [Path(unquote(urlparse(anchor.get_property("href")).path)) for anchor in anchors]
    assert all(file.is_file() for file in files)
    assert sorted({file for file in files}) == sorted((office.outputs / "2023" / "退回").iterdir())
    assert all(re.fullmatch(r"[\w%./~-]+", anchor.get_dom_attribute("href")) for anchor in anchors)


def test_matrix_counts_what_each_unit_has_open_in_each_area_and_leads_to_its_findings(page):
    heads = [cell.text for cell in page.find_elements(By.CSS_SELECTOR, ".matrix thead th")]
    found = rows(page, ".matrix tbody tr")
    assert dict(zip(heads[2:], found["三湾村"][1:], strict=True))["民生保障"] == "改1"
    assert (found["大湾村"][0], set(found["大湾村"][1:])) == ("未报", {""})
    assert found["花岔村"][-1] == "改1" and heads[-1] == "其他"
    state_button(page, "未报").click()
    cell = page.find_element(By.XPATH, "//table[@class='matrix']//tr[th/a='三湾村']//a[span='改1']")
    cell.send_keys(Keys.ENTER)
    WebDriverWait(page, 5).until(lambda _: page.switch_to.active_element == opener(page, "三湾村"))
    assert "强制：必须改正（2 处）" in told(page, "三湾村") and len(rows(page)) == 6
    assert opener(page, "三湾村").get_attribute("aria-expanded") == "true"


def test_mark_of_a_drawing_leads_to_its_unit(page):
    mark = page.find_element(By.XPATH, "//*[name()='svg']//*[name()='a'][starts-with(., '东风村')]")
    mark.find_element(By.XPATH, "./*[name()='circle']").click()
    WebDriverWait(page, 5).until(lambda _: page.switch_to.active_element == opener(page, "东风村"))
    assert opener(page, "东风村").get_attribute("aria-expanded") == "true"


def test_top_of_the_page_leads_to_each_picture(page):
    jumps = [anchor.get_dom_attribute("href") for anchor in page.find_elements(By.CSS_SELECTOR, ".jump a")]
    assert jumps[:2] == ["#matrix", "#arrivals"]
    assert all(page.find_element(By.CSS_SELECTOR, name).tag_name == "h2" for name in jumps)


def test_files_of_nobody_stand_below_with_what_to_do(page):
    found = rows(page, ".loose tbody tr")
    assert list(found) == ["年终.docx", "~$三湾村.xlsx", "罗川村（副本）.xlsx"]
    state, problem, mend, links = found["年终.docx"]
    assert "已损坏" in problem and mend.startswith("请重新打开")
    assert (state, links) == ("读不出", "退回的报表报来的原件")
    assert found["~$三湾村.xlsx"][0] == "没有读取" and found["罗川村（副本）.xlsx"][0] == "重复报送"
    assert all(cells[1] and cells[2] for cells in found.values())


def test_copied_words_are_those_of_the_reminder_list(page, office):
    sheet = openpyxl.load_workbook(office.outputs / "2023" / "催报名单.xlsx")["催报名单"]
    words = {row[1]: row[-1] for row in sheet.iter_rows(values_only=True) if row[1]}
    told(page, "三湾村")
    query = page.find_element(By.ID, "query")
    buttons = page.find_elements(By.XPATH, "//tbody[tr/th/button[text()='三湾村']]//button[text()='复制催报语']")
    assert len(buttons) == 2
    for button in buttons:
        button.click()
        WebDriverWait(page, 5).until(lambda _, button=button: button.text == "已复制")
        assert page.find_element(By.ID, "copied").text == "已复制给三湾村的催报语"
        query.send_keys(Keys.CONTROL, "v")
        assert query.get_property("value") == words["三湾村"]
        query.send_keys(Keys.CONTROL, "a", Keys.BACKSPACE)


def test_only_who_must_be_reminded_has_words_to_copy(page):
    with_words = {name for name, cells in rows(page).items() if cells[-1]}
    assert with_words == {"大湾村", "三湾村", "花岔村"}


def test_paper_shows_the_rows_and_nothing_to_click(page):
    told(page, "三湾村")
    state_button(page, "已退回").click()
    rules = "return [...document.styleSheets[0].cssRules].map((rule) => rule.cssText).join()"
    assert "size: a4 landscape" in page.execute_script(rules).lower()
    with on_paper(page):
        hidden = ("#print", ".more", ".copy", "progress", "#query", "caption")
        assert not any(page.find_element(By.CSS_SELECTOR, name).is_displayed() for name in hidden)
        looks = "return getComputedStyle(document.querySelector(arguments[0])).display"
        assert page.execute_script(looks, "#units thead") == "table-header-group"
        assert page.execute_script(looks, "#units thead button") == "contents"  # Chromium repeats no buttons
        assert page.execute_script(looks, "td.wide") == "table-cell"
        assert page.find_element(By.ID, "shown").text == "显示 1 个单位，共 6 个"


def test_narrow_screen_needs_no_sideways_scrolling_and_keeps_what_it_hides_in_the_opened_row(page):
    with width_of(page, 360):
        said = told(page, "三湾村")
        assert page.execute_script("return document.documentElement.scrollWidth") <= 360
        assert "文件\n三湾村.xlsx" in said and "联系电话\n0000-1220807" in said
        heads = [cell.text for cell in page.find_elements(By.CSS_SELECTOR, "#units thead th") if cell.is_displayed()]
        assert heads == ["单位", "报送情况", "须改正", "须核对或说明"]
    assert "联系电话" not in told(page, "三湾村")


MOVING = """
const looks = [...document.querySelectorAll("*")].map((node) => getComputedStyle(node));
return looks.filter((look) => look.transitionDuration !== "0s" || look.animationName !== "none").length;
"""


def test_page_asks_for_nothing_complains_of_nothing_and_does_not_move(page):
    told(page, "三湾村")
    assert asked_for(page) == {page.current_url}
    assert page.get_log("browser") == []
    assert page.execute_script(MOVING) == 0


def test_structure_is_a_table_in_chinese_with_labelled_controls(page):
    assert page.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
    assert page.execute_script("return document.querySelectorAll('#units thead th[scope=col]').length") == 14
    controls = page.find_elements(By.CSS_SELECTOR, "button, input, select, progress")
    assert all(control.accessible_name for control in controls if control.is_displayed())


def test_all_text_stands_out_from_what_is_behind_it(page):
    for name in ("三湾村", "东风村", "罗川村", "大湾村"):
        told(page, name)
    ratios = contrasts(page)
    assert len(ratios) > 20
    assert {name: round(ratio, 2) for name, ratio in ratios.items() if ratio < 4.5} == {}


def test_page_hinders_nobody_and_a_keyboard_reaches_all_of_it(page):
    told(page, "三湾村")
    assert hindrances(page) == []
    assert out_of_reach(page, 150) == []


FAULTY = """<!doctype html><title>x</title><img src="data:,"><button></button>
<p style="color: #bbb">太淡的字</p><a href="#x">甲</a>"""


def test_what_hinders_is_told_with_its_place(browser, tmp_path):
    page = shown(browser, tmp_path, FAULTY)
    assert {"image-alt: img", "button-name: button", "color-contrast: p"} <= {
        one.partition(" ")[2] for one in hindrances(page)
    }
    assert len(out_of_reach(page, 0)) == 2


def test_focus_is_visible(page):
    outlines = []
    for _ in range(14):
        page.switch_to.active_element.send_keys(Keys.TAB)
        outlines.append(page.execute_script("return getComputedStyle(document.activeElement).outlineStyle"))
    assert set(outlines) == {"solid"}


def test_run_that_changes_nothing_leaves_the_page_alone(office):
    before = office.page.read_bytes(), office.page.stat().st_mtime_ns
    office.run()
    assert (office.page.read_bytes(), office.page.stat().st_mtime_ns) == before


# ---- pages of units made by hand


def finding(number: int = 0, **more) -> Told:
    words = f"第{number}处：低保人口 3，小于低保户数 {number}；人口不得少于户数（相差 {number}）"
    one = Told("RELATION", "强制", "I02", "低保人口", "民生保障", f"E{number}", "3", words, "请核对后重报。", "", False)
    return replace(one, **more)


SEARCHED = """
const query = document.getElementById("query"), started = performance.now();
query.value = arguments[0];
query.dispatchEvent(new Event("input"));
return performance.now() - started;
"""


def unit(number: int, *findings: Told, **more) -> Pending:
    given = {
        "code": f"990101101{number:03}", "name": f"第{number}村", "kind": "村", "state": "returned",
        "file": f"第{number}村.xlsx", "revision": 1, "received_at": NOW - timedelta(days=3),
        "since": NOW - timedelta(days=3), "preparer": "王会计", "phone": "0000-1220000", "expected": True,
    }  # fmt: skip
    return Pending(**given | more, findings=list(findings))


def made(units: list[Pending], now: datetime = NOW, links=()) -> str:
    return board_page(units, dict(links), settings(), 2023, now)


def shown(browser, folder: Path, text: str):
    path = folder / "收报情况.html"
    path.write_text(text, encoding="utf-8")
    return opened(browser, path)


def test_county_sees_how_many_of_each_township_are_in_and_where_a_village_lies():
    villages = [("三湾村", "示例镇", 1), ("南川村", "示例镇", 0), ("三水村", "别样镇", 1)]
    units = [
        Pending(
            f"{990101101 + (of == '别样镇')}{n:03}",
            name,
            "村",
            "accepted" if done else "missing",
            "",
            accepted=done,
            township=of,
            expected=True,
        )
        for n, (name, of, done) in enumerate(villages)
    ]
    page = made(units)
    assert "各乡镇已采用：示例镇 <b>1</b>/2，别样镇 <b>1</b>/1</p>" in page
    assert "三水村</button><small>别样镇</small></th>" in page
    assert 'id="townships"' not in made(units[:2])


def test_what_was_typed_is_shown_and_never_run(browser, tmp_path):
    endless = HOSTILE + "a" * 200
    wrong = finding(1, sheet=HOSTILE, name=HOSTILE, problem=HOSTILE, mend=HOSTILE, explanation=HOSTILE)
    typed = dict.fromkeys(("name", "kind", "terrain", "file", "preparer", "phone"), endless)
    loose = Pending("", "", "", "notice", HOSTILE, findings=[wrong])
    page = shown(browser, tmp_path, made([unit(1, wrong, **typed), loose]))
    page.find_element(By.CSS_SELECTOR, ".open").click()
    [cells] = rows(page).values()
    assert cells.count(endless) == 5
    assert page.execute_script("return document.querySelector('.mend').textContent") == HOSTILE
    with width_of(page, 360):
        assert page.execute_script("return document.documentElement.scrollWidth") <= 360
    assert page.find_elements(By.TAG_NAME, "img") == [] and page.title == "示例镇2023年度年报收报情况"
    assert page.get_log("browser") == []


def test_page_is_the_same_all_day_and_counts_the_days(browser, tmp_path):
    units = [unit(1, finding())]
    assert made(units) == made(units, NOW + timedelta(hours=9))
    page = shown(browser, tmp_path, made(units, NOW + timedelta(days=1)))
    assert rows(page)["第1村"][6] == "4" and "已过 3 天" in page.find_element(By.CSS_SELECTOR, ".whole").text


def test_unit_with_very_many_findings_shows_the_first_and_names_the_list_of_all(browser, tmp_path):
    many = [finding(n) for n in range(MOST + 7)]
    page = shown(browser, tmp_path, made([unit(1, *many)]))
    assert "还有 7 处，见“问题清单.xlsx”。" in told(page, "第1村")
    assert len(page.find_elements(By.CSS_SELECTOR, ".more li")) == MOST


def test_six_hundred_units_are_written_at_once_and_searched_without_waiting(browser, tmp_path):
    units = [unit(n, *(finding(10 * n + m) for m in range(5))) for n in range(600)]
    started = time.process_time()
    text = made(units)
    assert time.process_time() - started < 1
    assert len(text.encode()) < 2_000_000
    page = shown(browser, tmp_path, text)
    assert page.execute_script(SEARCHED, "第5994处") < 300
    assert list(rows(page)) == ["第599村"]


def test_unit_whose_newer_file_went_back_still_counts(browser, tmp_path):
    page = shown(browser, tmp_path, made([unit(1, finding(), revision=2, accepted=1), unit(2, finding())]))
    said = page.find_element(By.CSS_SELECTOR, ".whole").text
    assert "已采用 1 个，应报 2 个（50%）；其中 1 个新报的没有采用，此前报的仍采用" in said
    assert rows(page)["第1村"][2:4] == ["已退回此前报的仍采用（第 1 次）", "2"]


def test_a_township_without_submissions_has_a_page_too(browser, tmp_path):
    page = shown(browser, tmp_path, made([]))
    assert page.find_element(By.ID, "shown").text == "共 0 个单位" and page.get_log("browser") == []
