"""What the system refuses is said in Chinese wherever it happens; what nobody knows by its number."""

import errno
import json
import os

import pytest

from flows.files import hindered
from flows.logs import kept

NAMES = ("ENOSPC", "EACCES", "EPERM", "EBUSY", "EROFS", "ENAMETOOLONG", "ENOENT", "ECONNREFUSED", "ETIMEDOUT", "EIO")


@pytest.mark.parametrize("name", NAMES)
def test_known_refusal_is_said_without_a_word_of_english(name):
    number = getattr(errno, name)
    said = hindered(OSError(number, os.strerror(number), "x"))
    assert said and said.isprintable() and not any(letter.isascii() for letter in said)


def test_unknown_refusal_is_said_by_its_number_and_its_english_stands_in_the_log_alone(tmp_path):
    with kept(tmp_path):
        assert hindered(OSError(errno.EDOM, "Domain error")) == f"系统报错，代号 {errno.EDOM}"
        assert hindered(OSError("odd")) == "系统报错，代号 不明"
    told = [json.loads(line) for line in (tmp_path / "log" / "cunhui.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["number"], line["said"]) for line in told] == [(errno.EDOM, "Domain error"), (None, "odd")]
