"""The page to work on, in a real browser: files in, whose they are and what is wrong, tables out; by keyboard too."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from schemas.states import STATES
from tests.browsing import asked_for, dropped, out_of_reach, shortcomings, width_of
from tests.office import SAMPLE, small_inputs
from tests.returning import edit

PATIENCE = 240
VILLAGES = ["三湾村", "大湾村", "示例镇司法所"]


@contextlib.contextmanager
def page_of(folder):
    """`cunhui web` for the folder's inputs and outputs; gives the link that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.commands.cli", "web", "--no-browser"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        link = next(line.strip() for line in process.stdout if line.startswith("http://"))
        yield link
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 128 + signal.SIGTERM
        assert re.fullmatch("已中断：网页停了.*。\n", said)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A township of three units with an empty inbox; in `sent` what they send: one with two faults."""
    folder = tmp_path_factory.mktemp("office")
    inputs = small_inputs(folder, VILLAGES)
    shutil.copy(SAMPLE / "年度工作总结模板.docx", inputs)
    inbox = inputs / "2023" / "submissions"
    (folder / "sent").mkdir()
    for path in list(inbox.iterdir()):
        path.rename(folder / "sent" / path.name)
    edit(folder / "sent" / "大湾村.xlsx", {"I01": "若干户"})
    (folder / "sent" / "说明<b>.txt").write_text("这不是报表", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def page(folder, browser):
    with page_of(folder) as link:
        browser.get("about:blank")
        browser.get_log("performance"), browser.get_log("browser")
        browser.get(link)
        yield browser


def until(browser, condition):
    return WebDriverWait(browser, PATIENCE).until(condition)


def told(browser):
    return browser.find_element(By.ID, "told").text


def row(browser, unit):
    return browser.find_element(By.CSS_SELECTOR, f'tr[data-unit="{unit}"]')


def choose(browser, *paths):
    browser.find_element(By.ID, "files").send_keys("\n".join(map(str, paths)))
    until(browser, lambda each: "汇总做完了" in told(each))


def test_first_look_says_who_is_missing_and_asks_nobody_else(page):
    assert page.title == "示例镇 2023 年年报"
    assert "k=" not in page.current_url
    assert {row(page, unit).get_attribute("data-state") for unit in VILLAGES} == {"missing"}
    assert "在下面的“发空白报表”里生成报表" in page.find_element(By.CSS_SELECTOR, ".next").text
    port = page.current_url.split("/")[2]
    assert {url.split("/")[2] for url in asked_for(page)} == {port}
    assert [entry for entry in page.get_log("browser") if "favicon" not in entry["message"]] == []


def test_files_are_taken_and_it_is_said_whose_they_are_and_what_is_wrong_with_the_cell(page, folder):
    choose(page, folder / "sent" / "三湾村.xlsx", folder / "sent" / "大湾村.xlsx", folder / "sent" / "说明<b>.txt")
    came = page.find_element(By.ID, "came").text
    assert "三湾村.xlsx 三湾村 已采用" in came
    assert "大湾村.xlsx 大湾村 已退回" in came and "若干户" in came and re.search(r"[A-Z]\d+：", came)
    assert "说明_b_.txt" in came
    assert [path.name for path in (folder / "inputs/2023/submissions").iterdir() if path.name.startswith(".")] == []
    assert row(page, "大湾村").find_element(By.LINK_TEXT, "退回的报表")
    colour = row(page, "大湾村").find_element(By.CLASS_NAME, "state").value_of_css_property("color")
    red, green, blue = (int(STATES["returned"].colour[at : at + 2], 16) for at in (0, 2, 4))
    assert colour == f"rgba({red}, {green}, {blue}, 1)"


def test_same_file_again_is_kept_once_and_a_mended_one_takes_the_place_of_the_one_before(page, folder):
    inbox = folder / "inputs/2023/submissions"
    before = sorted(path.name for path in inbox.iterdir())
    choose(page, folder / "sent" / "三湾村.xlsx")
    assert sorted(path.name for path in inbox.iterdir()) == before
    shutil.copy(SAMPLE / "2023/submissions/大湾村.xlsx", folder / "sent" / "大湾村.xlsx")
    choose(page, folder / "sent" / "大湾村.xlsx")
    assert sorted(path.name for path in inbox.iterdir()) == before
    assert (inbox / "大湾村.xlsx").read_bytes() == (folder / "sent" / "大湾村.xlsx").read_bytes()
    assert row(page, "大湾村").get_attribute("data-state").startswith("accepted")


def test_what_came_out_is_opened_and_the_pages_among_it_work(page):
    names = [link.text for link in page.find_elements(By.CSS_SELECTOR, ".out a")]
    assert {"汇总表.xlsx", "收报情况.html", "催报名单.xlsx"} <= set(names)
    here = page.current_window_handle
    page.find_element(By.LINK_TEXT, "收报情况.html").click()
    until(page, lambda each: len(each.window_handles) == 2)
    page.switch_to.window(next(handle for handle in page.window_handles if handle != here))
    until(page, lambda each: each.find_element(By.ID, "shown").text == "共 3 个单位")
    page.close()
    page.switch_to.window(here)


def test_correction_is_written_under_the_guards_of_its_file_and_counts(page, folder):
    def fill(**typed):
        if not page.find_element(By.NAME, "indicator").is_displayed():
            page.find_element(By.XPATH, "//summary[contains(., '更正')]").click()
        form = page.find_element(By.CSS_SELECTOR, 'form[data-do="correct"]')
        for name, text in typed.items():
            box = form.find_element(By.NAME, name)
            box.clear()
            box.send_keys(text)
        form.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)  # by keyboard

    given = {"unit": "三湾村", "expect": "1", "value": "2", "reason": "漏报一户", "agreed_with": "三湾村会计"}
    path = folder / "inputs/2023/corrections.toml"
    fill(indicator="低保护数", **given)
    until(page, lambda each: "低保户数" in told(each))
    assert not path.exists()
    fill(indicator="低保户数", **given)
    until(page, lambda _: path.exists())
    assert 'indicator = "低保户数"' in path.read_text(encoding="utf-8")
    until(page, lambda each: "汇总做完了" in told(each))


def test_closing_is_refused_in_the_words_of_the_command(page):
    page.find_element(By.XPATH, "//summary[contains(., '封存')]").click()
    form = page.find_element(By.CSS_SELECTOR, 'form[data-do="close"]')
    form.find_element(By.NAME, "who").send_keys("张三", Keys.ENTER)
    until(page, lambda each: "示例镇司法所没有采用" in told(each))
    assert "--" not in told(page) and "cunhui" not in told(page)


def test_folder_is_dropped_with_what_cannot_be_taken_and_every_file_has_its_words(page, folder, tmp_path):
    within = tmp_path / "南片" / "示例镇司法所"
    within.mkdir(parents=True)
    shutil.copy(SAMPLE / "2023/submissions/示例镇司法所.xlsx", within / "年报.xlsx")
    (tmp_path / "南片" / "空.xlsx").touch()
    odd = "'\"><img src=x onerror=alert(1)>.xlsx"
    (tmp_path / "南片" / odd).write_text("这不是报表", encoding="utf-8")
    with open(tmp_path / "南片" / "大.xlsx", "wb") as large:
        large.truncate(2 << 30)
    with zipfile.ZipFile(tmp_path / "南片" / "两村.zip", "w") as several:
        for unit in "三湾村", "大湾村":
            sent = shutil.copy(SAMPLE / f"2023/submissions/{unit}.xlsx", tmp_path / f"{unit}.xlsx")
            several.write(edit(sent, {"I01": "若干户"}), f"{unit}.xlsx")
    (tmp_path / "没有文件").mkdir()
    drop = page.find_element(By.ID, "drop")
    dropped(page, drop, tmp_path / "没有文件")
    until(page, lambda each: "里面没有文件" in told(each))
    dropped(page, drop, tmp_path / "南片")
    until(page, lambda each: "汇总做完了" in told(each))
    came = page.find_element(By.ID, "came").text
    assert told(page) == "汇总做完了；有 2 个文件没有收下，见下面。", came
    assert "南片/示例镇司法所/年报.xlsx 示例镇司法所 已采用" in came
    assert "“空.xlsx”是空文件，没有存" in came and "大.xlsx：超过 300 MB，没有收" in came
    several = came[came.index("南片/两村.zip") :].partition(".xlsx 示例镇司法所")[0]
    assert "三湾村 已退回" in several and "大湾村 已退回" in several, came
    assert "南片/'__" in came and page.find_elements(By.CSS_SELECTOR, "#came img, #units img") == []
    assert (folder / "inputs/2023/submissions/南片/示例镇司法所/年报.xlsx").is_file()
    assert page.find_elements(By.CSS_SELECTOR, '#lying option[value="南片/示例镇司法所/年报.xlsx"]')


def test_page_fits_every_screen_hinders_nobody_and_a_keyboard_reaches_all_of_it(page):
    page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert shortcomings(page) == []
    assert out_of_reach(page, 250) == []
    with width_of(page, 360):
        assert page.find_element(By.ID, "drop").size["height"] >= 100


def test_settings_are_checked_as_typed_and_saved_beside_what_they_were(page, folder):
    page.find_element(By.LINK_TEXT, "设置和名册").click()
    form = until(page, lambda each: each.find_element(By.CSS_SELECTOR, 'form[data-which="units"]'))
    box, checked = form.find_element(By.TAG_NAME, "textarea"), form.find_element(By.CLASS_NAME, "checked")
    box.send_keys(Keys.CONTROL, Keys.END)
    box.send_keys("99010110120X,新村,村")
    until(page, lambda _: "units.csv 第 5 行" in checked.text and "应为 12 位数字" in checked.text)
    assert not form.find_element(By.TAG_NAME, "button").is_enabled()
    box.send_keys(Keys.BACKSPACE * len("X,新村,村"), "9,新村,村")
    until(page, lambda _: form.find_element(By.TAG_NAME, "button").is_enabled())
    form.find_element(By.TAG_NAME, "button").click()
    until(page, lambda _: "已保存" in checked.text)
    assert "新村" in (folder / "inputs/units.csv").read_text(encoding="utf-8-sig")
    assert "新村" not in (folder / "inputs/units.csv.旧").read_text(encoding="utf-8-sig")
    assert shortcomings(page) == []
    page.find_element(By.LINK_TEXT, "回到收报表").click()
    assert until(page, lambda each: each.find_element(By.ID, "units"))
