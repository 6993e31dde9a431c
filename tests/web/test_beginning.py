"""A township begins on the page: a few answers and a roster, by the command's own rules; its report's figures typed."""

import json
import re
from decimal import Decimal
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from flows.template.supplements import path_of, write_supplements
from flows.web.keep import Page
from flows.web.settings import figures, give_figure
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.supplements import Supplement
from tests.browsing import shortcomings
from tests.office import small_inputs
from tests.text_tables import workbook
from tests.web.asking import Browser

ROSTER = """
    == 名册
    | 青湖镇村级单位名册 | |
    | 序号 | 单位名称 |
    | 1 | 东湖村 |
    | 2 | 湖滨社区 |
"""
ANSWERS = {"name": "青湖镇", "code": "880202303", "year": "2024"}


@pytest.fixture
def page(tmp_path):
    (tmp_path / "青湖镇").mkdir()
    page = Page(tmp_path / "青湖镇" / "inputs", tmp_path / "青湖镇" / "outputs", None, idle=0.0, port=0)
    serving = page.serve()
    yield page
    page.stop()
    serving.join(10)


@pytest.fixture
def clerk(page):
    browser = Browser(page)
    browser.enter()
    return browser


def test_township_begins_in_an_empty_folder_under_the_rules_of_setup(clerk, tmp_path):
    place = tmp_path / "青湖镇"

    def begin(**other):
        status, said, _ = clerk.ask("POST", "/do/begin", json.dumps(ANSWERS | other))
        return status, json.loads(said)["words"]

    assert "给自己的乡镇建好文件夹" in clerk.ask("GET", "/")[1]
    assert begin() == (422, "还没有选名册文件")
    assert clerk.ask("PUT", f"/roster/{quote('名册.xlsx')}", workbook(ROSTER))[0] == 200
    status, words = begin(code="888")
    assert (status, "前 9 位" in words) == (422, True)
    assert list(place.iterdir()) == []
    status, words = begin()
    assert status == 200 and "村 1 个、社区 1 个" in words and words.endswith("先生成空白报表发给各单位。")
    assert not re.search(r"cunhui|--|submissions|\.csv|\.toml|/", words.replace("、", "")), words
    assert "在“设置和名册”里：报送期限" in words
    assert [unit.name for unit in load_inputs(place / "inputs").units] == ["东湖村", "湖滨社区"]
    assert "收报表" in clerk.ask("GET", "/")[1]
    status, said, _ = clerk.ask("PUT", f"/roster/{quote('名册.xlsx')}", workbook(ROSTER))
    assert (status, "已经有一个乡镇" in said) == (422, True)
    assert begin()[0] == 422
    assert [path.name for path in tmp_path.iterdir()] == ["青湖镇"]


def test_questions_are_answered_in_a_browser_by_keyboard_alone(page, browser, tmp_path):
    browser.get(page.link)
    assert shortcomings(browser) == []
    (tmp_path / "名册.xlsx").write_bytes(workbook(ROSTER))
    browser.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(tmp_path / "名册.xlsx"))
    browser.execute_script("document.activeElement.blur()")
    typed = ActionChains(browser).send_keys(Keys.TAB, ANSWERS["name"], Keys.TAB, "888", Keys.TAB, ANSWERS["year"])
    typed.send_keys(Keys.ENTER).perform()
    said = browser.find_element(By.ID, "told")
    WebDriverWait(browser, 60).until(lambda _: "前 9 位" in said.text)
    assert (said.get_attribute("class"), shortcomings(browser)) == ("bad", [])


def test_answer_that_looks_like_an_option_is_an_answer(clerk):
    clerk.ask("PUT", "/roster/a.xlsx", workbook(ROSTER))
    status, said, _ = clerk.ask("POST", "/do/begin", json.dumps(ANSWERS | {"year": "--help"}))
    assert (status, "年份的值不对" in said) == (422, True), said


@pytest.fixture
def inputs(tmp_path):
    inputs = small_inputs(tmp_path, ["三湾村"])
    asked = [Supplement("值班次数", "次", where="第三节"), Supplement("来访人次", "人次", Decimal("12"), by="李四")]
    write_supplements(path_of(inputs, 2023), asked)
    return inputs


SAID = {"figure": "值班次数", "value": "365.5", "source": "值班台账", "by": "张三", "on": "2024-01-05"}


def test_figure_of_the_report_is_typed_and_stands_in_the_years_workbook(inputs):
    give_figure(inputs, 2023, SAID)
    given, other = figures(inputs, 2023)
    assert (given.value, given.unit, given.source, given.by, given.on, given.where) == (
        Decimal("365.5"), "次", "值班台账", "张三", "2024-01-05", "第三节"
    )  # fmt: skip
    assert given.lacks == ""
    assert (other.value, other.by) == (Decimal(12), "李四")


@pytest.mark.parametrize(
    ("said", "why"),
    [({"figure": "无此数"}, "没有叫"), ({"value": "三百"}, "应为数字"), ({"value": "1e3"}, "应为数字"),
     ({"source": " "}, "还缺出处"), ({"on": "去年"}, "日期写的是")],
)  # fmt: skip
def test_figure_that_cannot_be_used_is_refused_and_nothing_is_written(inputs, said, why):
    before = path_of(inputs, 2023).read_bytes()
    with pytest.raises(InputError, match=why):
        give_figure(inputs, 2023, SAID | said)
    assert path_of(inputs, 2023).read_bytes() == before
