"""`cunhui links`: made and printed once, listed, made anew and taken back; nobody's by accident."""

import re
import stat

import pytest

from flows.commands.cli import main
from tests.office import small_inputs

NAMES = ["三湾村", "大湾村"]


@pytest.fixture
def links(tmp_path, capsys):
    small_inputs(tmp_path, NAMES)
    sheet = tmp_path / "outputs" / "2023" / "链接.html"

    def run(*words):
        status = main(["links", *words, "--inputs", str(tmp_path / "inputs"), "--outputs", str(tmp_path / "outputs")])
        out, err = capsys.readouterr()
        made = (
            dict(re.findall(r"<h2>(.*?)</h2><p>.*?/u/(.*?)</p>", sheet.read_text(encoding="utf-8")))
            if sheet.exists()
            else {}
        )
        return status, out + err, made

    run.sheet = sheet
    return run


def test_links_are_made_once_printed_with_codes_listed_made_anew_and_taken_back(links):
    status, said, made = links()
    assert (status, made) == (3, {}) and "三湾村：没有链接" in said and "lan = true" in said
    status, said, made = links("--make")
    assert status == 0 and set(made) == set(NAMES) and all(len(secret) == 32 for secret in made.values())
    text = links.sheet.read_text(encoding="utf-8")
    assert text.count("<svg") == 2 and stat.S_IMODE(links.sheet.stat().st_mode) == 0o600
    assert not set(made.values()) & set(re.findall(r"[\w-]{32}", said))
    assert "都有链接了" in links("--make")[1]
    assert re.search(r"三湾村：\d{4}-\d\d-\d\d \d\d:\d\d 做的", links()[1])
    status, said, again = links("三湾村", "--renew")
    assert set(again) == {"三湾村"} and again["三湾村"] != made["三湾村"]
    assert "收回了 1 个" in links("--revoke", "大湾村")[1]
    assert "大湾村：没有链接" in links()[1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--renew"], "--all"),
        (["--revoke"], "--all"),
        (["--make", "--revoke"], "一次只写一个"),
        (["--make", "无此村"], "无此村"),
    ],
)
def test_call_that_is_not_clear_is_refused_in_a_line(links, words, why):
    status, said, made = links(*words)
    assert (status, made) == (2, {}) and why in said and len(said.splitlines()) <= 2
