"""A village's own link opens its own part and nothing else; whatever is tried with it, with another's, or with none."""

import json
import socket
import stat
import time
import zipfile
from http.client import HTTPConnection
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from flows.web import villages
from flows.web.keep import Page
from flows.web.links import Links
from flows.web.network import address_of, own_address, server
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.township import Web
from tests.browsing import dropped, out_of_reach, shortcomings
from tests.office import small_inputs
from tests.returning import edit

MINE, OTHER = "大湾村", "三湾村"
PATIENCE = 240


class Village:
    """Whoever sits at the other end of a link."""

    def __init__(self, port, path):
        self.port, self.path = port, path

    def ask(self, method="GET", more="", body=None, path=None, **headers):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, (path or self.path) + more, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def send(self, name, data, **headers):
        status, said, _ = self.ask("PUT", f"/files/{quote(name, safe='')}", data, **headers)
        return status, said.decode()

    def page(self):
        status, said, _ = self.ask()
        assert status == 200
        return said.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two units, nothing in the inbox; what they would send lies in `sent`."""
    folder = tmp_path_factory.mktemp("office")
    inputs = small_inputs(folder, [MINE, OTHER])
    inbox = inputs / "2023" / "submissions"
    inbox.rename(folder / "sent")
    inbox.mkdir()
    edit(folder / "sent" / f"{MINE}.xlsx", {"I01": "若干户"})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = inputs / "township.toml"
    path.write_text(
        path.read_text(encoding="utf-8") + f'\n[web]\nlan = true\nhost = "127.0.0.1"\nport = {port}\n', encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def page(folder):
    page = Page(folder / "inputs", folder / "outputs", None, port=0)
    serving = page.serve()
    assert "各单位可以用自己的链接报送" in page.told[0] and "不加密" in page.told[1]
    yield page
    page.stop()
    serving.join(20)
    assert not serving.is_alive()


@pytest.fixture(scope="module")
def units(folder):
    return {unit.name: unit.code for unit in load_inputs(folder / "inputs").units}


@pytest.fixture(scope="module")
def links(folder):
    return Links(folder / "outputs")


@pytest.fixture(scope="module")
def village(page, folder, units, links):
    web = load_inputs(folder / "inputs").settings.web
    made = links.make(units.values())
    return {name: Village(web.port, f"/u/{made[code]}") for name, code in units.items()}


@pytest.fixture(scope="module")
def mine(village, page, folder):
    """One unit has sent a form with a fault, and it has been collected."""
    status, said = village[MINE].send(f"{MINE}.xlsx", (folder / "sent" / f"{MINE}.xlsx").read_bytes())
    assert (status, json.loads(said)) == (200, {"name": f"{MINE}.xlsx", "new": True})
    end = time.monotonic() + PATIENCE
    while page.pages.desk.progress or not page.pages.desk.last:
        assert time.monotonic() < end
        time.sleep(0.1)
    return village[MINE]


def inbox(folder):
    path = folder / "inputs" / "2023" / "submissions"
    return {str(each.relative_to(path)) for each in path.rglob("*") if each.is_file()}


def test_unit_sees_its_findings_its_returned_file_and_its_history(mine, folder):
    said = mine.page()
    assert "已退回" in said and "若干户" in said and "第 1 版" in said
    status, data, headers = mine.ask(more="/returned")
    assert status == 200 and data == (folder / "outputs/2023/退回" / f"{MINE}.xlsx").read_bytes()
    assert mine.ask(more="/now")[0] == 200
    assert "no-store" in headers["Cache-Control"] and headers["Referrer-Policy"] == "no-referrer"


def test_page_of_a_unit_hinders_nobody_and_a_form_is_sent_by_keyboard_or_dropped(mine, folder, browser, tmp_path):
    browser.get(f"http://127.0.0.1:{mine.port}{mine.path}")
    assert shortcomings(browser) == []
    assert out_of_reach(browser, 20) == []
    browser.refresh()  # the tabulator begins at the top again
    told, files = browser.find_element(By.ID, "told"), browser.find_element(By.ID, "files")
    ActionChains(browser).send_keys(Keys.TAB).perform()
    assert browser.switch_to.active_element == files
    drop = browser.find_element(By.ID, "drop")
    assert drop.value_of_css_property("outline-style") == "solid"
    files.send_keys(str(folder / "sent" / f"{MINE}.xlsx"))
    WebDriverWait(browser, PATIENCE).until(lambda _: "和已经报过的一模一样" in told.text)
    (tmp_path / "说明.txt").write_text("这不是报表", encoding="utf-8")
    for paths, said in (
        ([folder / "sent"], "一次只收一个文件"),
        ([tmp_path / "说明.txt", folder / "sent" / f"{MINE}.xlsx"], "一次只收一个文件"),
        ([tmp_path / "说明.txt"], "没有收下"),
    ):
        dropped(browser, drop, *paths)
        WebDriverWait(browser, PATIENCE).until(lambda _, said=said: said in told.text)
    assert shortcomings(browser) == []


def test_other_unit_sees_nothing_of_it(mine, village):
    said = village[OTHER].page()
    assert "未报" in said
    assert MINE not in said and "若干户" not in said and "版" not in said
    assert village[OTHER].ask(more="/returned")[0] == 404


def test_workbook_of_another_unit_is_refused_and_does_not_come_into_the_inbox(mine, village, folder, tmp_path):
    before = inbox(folder)
    own = (folder / "sent" / f"{MINE}.xlsx").read_bytes()
    for name in f"{MINE}.xlsx", f"{OTHER}.xlsx", "年报.xlsx":
        status, said = village[OTHER].send(name, own)
        assert (status, "没有收下" in said) == (422, True)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.write(folder / "sent" / f"{MINE}.xlsx", f"{MINE}.xlsx")
    for name in "all.zip", f"{OTHER}.xlsx":
        assert village[OTHER].send(name, (tmp_path / "all.zip").read_bytes())[0] == 422
    assert village[OTHER].send(f"{OTHER}.xlsx", "这不是报表".encode())[0] == 422
    assert village[OTHER].send(f"{OTHER}.xlsx", b"")[0] == 422
    assert inbox(folder) == before


def test_too_large_is_refused(village, folder, monkeypatch):
    before = inbox(folder)
    monkeypatch.setattr(villages, "LARGEST", 1000)
    status, said = village[OTHER].send("a.xlsx", b"x" * 1001)
    assert (status, "没有存" in said) == (422, True)
    assert inbox(folder) == before


def test_too_often_is_refused_until_an_hour_has_passed(monkeypatch):
    often = villages.Often(2)
    for expected in False, False, True:
        assert often.too("unit") is expected
        often.note("unit")
    assert not often.too("another")
    monkeypatch.setattr(villages, "WITHIN", -1.0)
    assert not often.too("unit")


@pytest.mark.parametrize("name", ["../../township.toml", "..\\x.xlsx", "/etc/passwd", ".bashrc", "a\x00.xlsx"])
def test_name_of_a_file_is_never_a_path(village, folder, name):
    before = {path for path in folder.rglob("*") if path.is_file()}
    assert village[OTHER].send(name, b"PK")[0] in (404, 422)
    assert {path for path in folder.rglob("*") if path.is_file()} == before


def test_nothing_but_a_link_opens_anything_and_the_clerks_part_is_not_there(village, units):
    nobody = village[MINE]
    for path in (
        "/",
        "/u/",
        "/u/guess",
        f"/u/{units[MINE]}",
        "/u/..%2f..",
        "/state",
        "/units",
        "/settings",
        "/emitted/board",
    ):
        assert nobody.ask(path=path)[0] in (404, 429)
    for method, path in ("POST", "/run"), ("POST", "/do/close"), ("PUT", "/files/a.xlsx"), ("POST", "/settings/units"):
        assert nobody.ask(method, path=path, body=b"{}")[0] in (404, 405)
    assert nobody.ask("POST")[0] == nobody.ask("DELETE")[0] == 405


def test_other_pages_cannot_send_through_a_browser(village, folder):
    before = inbox(folder)
    for headers in {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}:
        assert village[OTHER].send("a.xlsx", b"PK", **headers)[0] == 403
    assert inbox(folder) == before
    headers = village[OTHER].ask()[2]
    assert "unsafe" not in headers["Content-Security-Policy"] and "frame-ancestors 'none'" in str(headers)


def test_who_tries_many_links_is_told_to_stop_and_a_right_one_still_opens(village):
    answers = [village[MINE].ask(path=f"/u/{number}")[0] for number in range(villages.WRONG + 1)]
    assert answers[-1] == 429
    assert village[MINE].ask()[0] == 200


def test_unit_that_sends_without_end_is_told_to_stop_and_others_are_not(village):
    answers = [village[OTHER].send(".x", b"x")[0] for _ in range(villages.SENT + 1)]
    assert answers[0] == 422 and answers[-1] == 429
    assert village[MINE].send(".x", b"x")[0] == 422


def test_link_that_was_taken_back_or_made_anew_opens_nothing_at_once(village, links, units):
    old = village[OTHER]
    new = Village(old.port, f"/u/{links.make([units[OTHER]], renew=True)[units[OTHER]]}")
    assert old.ask()[0] in (404, 429) and new.ask()[0] == 200
    assert old.send("a.xlsx", b"PK")[0] in (404, 429)
    assert links.revoke([units[OTHER]]) == 1
    assert new.ask()[0] in (404, 429) and new.ask(more="/returned")[0] in (404, 429)
    assert links.revoke([units[OTHER]]) == 0


def test_secret_is_kept_as_a_hash_alone_for_its_owner_alone(village, folder):
    path = folder / "outputs" / "links.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert village[MINE].path.removeprefix("/u/") not in path.read_text(encoding="utf-8")


def test_links_that_cannot_be_read_are_said_and_nothing_opens(tmp_path):
    (tmp_path / "links.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cunhui links --make"):
        Links(tmp_path).unit_of("x")


def test_right_link_is_told_to_come_later_while_the_settings_are_at_fault_and_a_wrong_one_nothing(tmp_path):
    inputs = small_inputs(tmp_path, [MINE])
    [unit] = load_inputs(inputs).units[:1]
    pages = SimpleNamespace(outputs=tmp_path, inputs=inputs, given=None, desk=SimpleNamespace(now=str))
    part = villages.Villages(pages, lambda: None)
    secret = part.links.make([unit.code])[unit.code]

    def asked(link):
        said = part._unit(SimpleNamespace(client=None, path_params={"secret": link}))
        return said if said == unit else (said.status_code, said.body.decode())

    (inputs / "township.toml").write_text("[township", encoding="utf-8")
    status, words = asked(secret)
    assert status == 503 and "过一会儿再试" in words and "链接没有问题" in words and "toml" not in words
    assert asked("x")[0] == 404 and "可能抄错了" in asked("x")[1]


def test_without_the_setting_nothing_listens(tmp_path):
    inputs = small_inputs(tmp_path, [MINE])
    page = Page(inputs, tmp_path / "outputs", None, port=0)
    assert page._villages is None and page.told == []
    page._socket.close()


def test_port_or_certificate_that_cannot_be_used_is_said_in_words(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        web = Web(lan=True, host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(InputError, match="换一个 port"):
            server(web, tmp_path, villages._guarded(lambda *_: None))
    with pytest.raises(InputError, match="打不开"):
        server(Web(certificate="a.pem", key="b.pem"), tmp_path, villages._guarded(lambda *_: None))


@pytest.mark.parametrize(
    ("web", "address"),
    [(Web(host="192.168.1.10"), "http://192.168.1.10:4301"), (Web(host="fe80::1", port=1), "http://[fe80::1]:1"),
     (Web(certificate="a", key="b", host="10.0.0.1"), "https://10.0.0.1:4301"),
     (Web(address="https://bao.example/"), "https://bao.example"), (Web(), f"http://{own_address()}:4301")],
)  # fmt: skip
def test_address_in_a_link_is_the_one_that_is_listened_on(web, address):
    assert address_of(web) == address


def test_address_or_port_that_cannot_be_had_is_said_without_the_systems_english(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1 的端口 {port} 用不了（正被别的程序占用），请在"):
            server(Web(host="127.0.0.1", port=port), folder, None)
    with pytest.raises(InputError, match=r"没有 203.0.113.7 这个地址，请改 \[web\] 的 host"):
        server(Web(host="203.0.113.7", port=port), folder, None)
