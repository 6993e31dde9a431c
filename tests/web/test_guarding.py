"""Nobody but the clerk's own browser gets anything from the page, and nothing that is sent to it leaves the inbox."""

import hashlib
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from flows.commands import web
from flows.commands.web import starter
from flows.web import saving, settings
from flows.web.guarding import SMALL
from flows.web.keep import Page
from flows.web.saving import safe_name
from schemas.errors import InputError
from tests.office import small_inputs
from tests.web.asking import Browser


@pytest.fixture
def folder(tmp_path):
    small_inputs(tmp_path, ["三湾村"])
    (tmp_path / "outputs" / "2023").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def browser(folder):
    page = Page(folder / "inputs", folder / "outputs", None, idle=0.0, port=0)
    serving = page.serve()
    yield Browser(page)
    page.stop()
    serving.join(10)
    assert not serving.is_alive()


@pytest.fixture
def clerk(browser):
    browser.enter()
    return browser


def inbox(folder):
    return {path.name for path in (folder / "inputs/2023/submissions").iterdir()}


def test_link_opens_once_and_gives_a_strict_cookie(browser):
    cookie = browser.enter()
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert browser.ask("GET", "/state")[0] == 200
    browser.cookie = ""
    status, said, _ = browser.ask("GET", browser.page.link.removeprefix(browser.own))
    assert (status, "只能用一次" in said) == (403, True)


@pytest.mark.parametrize(
    ("path", "cookie"),
    [("/", ""), ("/?k=", ""), ("/?k=guess", ""), ("/state", ""), ("/page.js", ""), ("/emitted/summary", "cunhui=x"),
     ("/state", "cunhui{port}="), ("/state", "cunhui{port}=guess; a=b")],
)  # fmt: skip
def test_whoever_has_neither_link_nor_cookie_gets_nothing(browser, path, cookie):
    browser.cookie = cookie.format(port=browser.page.port)
    assert browser.ask("GET", path)[0] == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", "", "[::1]"])
def test_other_names_for_this_pc_are_refused_even_with_the_cookie(clerk, host):
    assert clerk.ask("GET", "/state", Host=host)[0] == 400


@pytest.mark.parametrize(
    "headers",
    [{"Origin": None}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Origin": "http://127.0.0.1:1"},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
def test_other_pages_change_nothing_though_the_browser_sends_the_cookie(clerk, folder, headers):
    before = inbox(folder)
    for method, path in ("PUT", "/files/a.xlsx"), ("POST", "/run"), ("POST", "/do/forms"), ("POST", "/settings/units"):
        assert clerk.ask(method, path, b"{}", **headers)[0] == 403
    assert inbox(folder) == before
    assert clerk.page.pages.desk.progress is None


def test_other_pages_read_nothing(clerk):
    assert clerk.ask("GET", "/state", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert "Access-Control-Allow-Origin" not in clerk.ask("GET", "/state", Origin="http://evil.example")[2]


def test_every_answer_forbids_scripts_that_are_not_the_pages_own(clerk):
    for path in "/state", "/page.js", "/nowhere":
        headers = clerk.ask("GET", path)[2]
        assert "script-src 'self';" in headers["Content-Security-Policy"] and "unsafe" not in str(headers)
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    ["../../township.toml", "..\\..\\township.toml", "/tmp/x.xlsx", "C:\\x.xlsx", "....//x.xlsx", "%2e%2e%2fx.xlsx",
     "CON.xlsx", "nul", "a\x00b.xlsx", "x.xlsx\n", "三湾村\u202exslx.exe", "a:b.xlsx",
     "<img src=x onerror=alert(1)>.xlsx", "'\";.xlsx",
     "长" * 300 + ".xlsx"],
)  # fmt: skip
def test_name_of_a_file_is_never_a_path(clerk, folder, name):
    outside = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    before = inbox(folder)
    status, said, _ = clerk.ask("PUT", f"/files/{quote(name, safe='')}", b"content")
    new = inbox(folder) - before
    assert status in (200, 404, 422)
    assert len(new) == (status == 200)
    for one in new:
        assert json.loads(said)["name"] == one == safe_name(one)
    assert all(path.read_bytes() == data for path, data in outside.items())
    assert {path for path in folder.rglob("*") if path.is_file()} - set(outside) == {
        folder / "inputs/2023/submissions" / one for one in new
    }


@pytest.mark.parametrize(
    "name", ["", ".", "..", "...", ".bashrc", "/", "a/", "~$三湾村.xlsx", "a.part", "Thumbs.db", "\u200b"]
)
def test_what_is_no_name_of_a_report_is_refused(name):
    with pytest.raises(InputError):
        safe_name(name)


@pytest.mark.parametrize(
    "path",
    ["/emitted/..%2f..%2finputs%2ftownship.toml", "/emitted/township.toml", "/returned/..%2f1", "/returned/1",
     "/form/x", "/do/../settings", "/settings/passwd", "/units/../../etc"],
)  # fmt: skip
def test_no_address_leads_to_another_file(clerk, path):
    assert clerk.ask("GET", path)[0] in (404, 405)


def test_what_is_too_large_is_refused_and_leaves_nothing(clerk, folder, monkeypatch):
    monkeypatch.setattr(saving, "LARGEST", 1000)
    before = inbox(folder)
    status, said, _ = clerk.ask("PUT", "/files/a.xlsx", b"x" * 1001)
    assert (status, "没有存" in json.loads(said)["words"]) == (422, True)
    assert clerk.ask("POST", "/do/correct", b" " * (SMALL + 1))[0] == 413
    assert clerk.ask("POST", "/do/correct", b"[1]")[0] == clerk.ask("POST", "/do/correct", b"{")[0] == 400
    assert inbox(folder) == before


def test_disk_that_is_full_is_said_and_leaves_nothing(clerk, folder, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    before = inbox(folder)
    monkeypatch.setattr(saving.os, "fsync", full)
    status, said, _ = clerk.ask("PUT", "/files/a.xlsx", b"x")
    assert (status, "磁盘满了" in json.loads(said)["words"]) == (422, True)
    assert inbox(folder) == before


def test_inbox_that_is_not_there_is_said_and_the_next_file_is_taken_when_it_is_back(clerk, folder):
    inbox, away = folder / "inputs/2023/submissions", folder / "unmounted"
    inbox.rename(away)
    status, said, _ = clerk.ask("PUT", "/files/a.xlsx", b"x")
    assert (status, "找不到收件夹" in json.loads(said)["words"]) == (422, True)
    assert not inbox.exists()
    away.rename(inbox)
    assert clerk.ask("PUT", "/files/a.xlsx", b"x")[0] == 200


@pytest.mark.parametrize(
    ("path", "said"),
    [("/do/correct", {"unit": "三湾村", "indicator": "低保户数", "expect": "1", "value": "2", "reason": "漏报一户",
                      "agreed_with": "会计", "date": "2024-01-05"}),
     ("/settings/township", {"save": True})],
)  # fmt: skip
def test_disk_that_is_full_when_what_was_typed_is_written_is_said_and_all_stays(clerk, folder, monkeypatch, path, said):
    def full(*_):
        raise OSError(28, "No space left on device")

    text, mark = settings.read(folder / "inputs", "township.toml")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(settings, "write_atomically", full)
    status, words, _ = clerk.ask("POST", path, json.dumps(said | {"text": text, "mark": mark}))
    assert (status, words) == (500, "没有做完：磁盘满了，请腾出空间。收到的文件和已入库的数都在。")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_earlier_revision_is_asked_of_its_command_in_the_commands_own_words(clerk):
    said = {"unit": "三湾村", "revision": "1", "who": "李四", "why": "新报的反而错了"}
    status, words, _ = clerk.ask("POST", "/do/restore", json.dumps(said))
    assert (status, json.loads(words)["words"]) == (422, "三湾村 2023 年还没有报过")


def test_folders_of_the_year_are_opened_on_this_pc_or_named_and_no_other_is(clerk, folder, monkeypatch):
    def ask(which):
        status, said, _ = clerk.ask("POST", "/do/open", json.dumps({"folder": which}))
        return status, json.loads(said)["words"]

    opened, submissions = [], folder / "inputs" / "2023" / "submissions"
    monkeypatch.setattr("flows.web.app.subprocess.Popen", lambda command, **_: opened.append(command[1:]))
    assert ask("inbox") == (200, f"已打开 {submissions}") and opened == [[str(submissions)]]
    for which in ("forms", "../..", str(folder), ""):
        assert ask(which) == (422, "这个文件夹还没有：先生成")
    assert len(opened) == 1

    def none(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr("flows.web.app.subprocess.Popen", none)
    assert ask("outputs") == (200, f"文件夹在 {folder / 'outputs' / '2023'}")


@pytest.mark.parametrize("what", ["close", "reopen", "restore"])
def test_what_somebody_has_to_answer_for_is_not_done_without_a_name(clerk, what):
    status, said, _ = clerk.ask("POST", f"/do/{what}", json.dumps({"who": " ", "why": "误报"}))
    assert (status, "请写明是谁决定的" in said) == (422, True)


def test_collection_that_cannot_be_begun_is_said_and_the_page_goes_on(clerk, monkeypatch):
    desk = clerk.page.pages.desk
    with monkeypatch.context() as busy:

        async def no_process(*_, **__):
            raise BlockingIOError(11, "Resource temporarily unavailable")

        busy.setattr(desk, "do", no_process)
        assert clerk.ask("POST", "/run", b"{}")[0] == 200
        end = time.monotonic() + 30
        while (now := json.loads(clerk.ask("GET", "/state")[1]))["running"]:
            assert time.monotonic() < end
        assert "没有做完：系统忙不过来" in clerk.ask("GET", "/")[1]
    assert (now["last"]["well"], "没有汇总" in now["last"]["words"]) == (False, True)


def test_of_two_browsers_that_close_the_year_at_once_one_does_and_the_other_is_told(clerk, folder):
    for path in (folder / "inputs/2023/submissions").iterdir():
        path.unlink()
    other_page = Page(folder / "inputs", folder / "outputs", None, idle=0.0, port=0)
    serving = other_page.serve()
    other = Browser(other_page)
    other.enter()

    def close(browser, who):
        said = {"who": who, "why": "县里催得急", "except": "三湾村"}
        status, words, _ = browser.ask("POST", "/do/close", json.dumps(said))
        return status, json.loads(words)["words"]

    with ThreadPoolExecutor(2) as both:
        ended = sorted(both.map(close, (clerk, other), ("张三", "李四")))
    other_page.stop()
    serving.join(10)
    (well, done), (refused, told) = ended
    assert (well, refused) == (200, 422), ended
    assert "封存" in done and ("不必再封" in told or "正在" in told), ended


def test_file_that_is_broken_off_leaves_nothing(clerk, folder):
    before = inbox(folder)
    with socket.create_connection(("127.0.0.1", clerk.page.port)) as line:
        head = f"PUT /files/a.xlsx HTTP/1.1\r\nHost: 127.0.0.1:{clerk.page.port}\r\nCookie: {clerk.cookie}\r\n"
        line.sendall(f"{head}Origin: {clerk.own}\r\nContent-Length: 1000000\r\n\r\n".encode() + b"x" * 1000)
        end = time.monotonic() + 30
        while inbox(folder) == before:  # it is being written
            assert time.monotonic() < end
            time.sleep(0.01)
    while inbox(folder) != before:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_port_that_is_taken_is_another_and_without_a_browser_the_link_is_printed(folder, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        page = Page(folder / "inputs", folder / "outputs", None, port=taken.getsockname()[1])
        assert page.port != taken.getsockname()[1] and f":{page.port}/" in page.link
        page._socket.close()
    monkeypatch.setattr(web, "Page", lambda *given: Page(*given, idle=0.1, port=0))
    monkeypatch.setattr(web.webbrowser, "open", lambda _: False)
    assert web.open_page(None, str(folder / "inputs"), str(folder / "outputs"), browser=True) == 0
    said = capsys.readouterr().out
    assert "请把这个链接复制到浏览器里打开" in said and "http://127.0.0.1:" in said


def test_file_that_nobody_has_kept_is_never_replaced(clerk, folder):
    for content in b"one", b"two", b"two":
        clerk.ask("PUT", f"/files/{quote('甲.xlsx')}", content)
    assert {"甲.xlsx", "甲 (2).xlsx"} <= inbox(folder) and "甲 (3).xlsx" not in inbox(folder)
    digest = hashlib.sha256(b"one").hexdigest()
    kept = folder / "outputs/archive" / digest[:2] / f"{digest}.xlsx"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"one")
    clerk.ask("PUT", f"/files/{quote('甲.xlsx')}", b"three")
    assert (folder / "inputs/2023/submissions/甲.xlsx").read_bytes() == b"three"


def test_file_is_withdrawn_by_a_name_of_the_inbox_and_only_when_it_is_kept(clerk, folder):
    def withdraw(name):
        status, said, _ = clerk.ask("POST", "/do/withdraw", json.dumps({"file": name}))
        return status, json.loads(said)["words"]

    assert withdraw("../../township.toml")[0] == 422
    status, words = withdraw("三湾村.xlsx")
    assert (status, "还没有汇总过" in words) == (422, True)
    assert "三湾村.xlsx" in inbox(folder)


def test_page_that_nobody_uses_ends_by_itself(folder):
    page = Page(folder / "inputs", folder / "outputs", None, idle=0.1, port=0)
    serving = page.serve()
    serving.join(20)
    assert not serving.is_alive()


@pytest.mark.parametrize(
    ("platform", "name"), [("win32", "村汇.bat"), ("darwin", "村汇.command"), ("linux", "村汇.desktop")]
)
def test_starter_names_the_folders_as_they_are(platform, name):
    called, text = starter(platform, ["/opt/my python", "web", "--inputs", "/家/年报 100%/inputs"])
    assert called == name
    assert ("/家/年报 100%%/inputs" if platform != "darwin" else "'/家/年报 100%/inputs'") in text.decode()
