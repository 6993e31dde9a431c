"""The year after: every date moved on, every comment kept, and what is there already left alone."""

import pytest

from flows.starting.next_year import begin_year, move_settings, moved_on
from schemas.catalogue import declared


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("deadline = 2024-02-29T18:00:00 # 截止", "deadline = 2025-02-28T18:00:00 # 截止"),
        ("year = 2023", "year = 2024"),
        ('name = "2023"', 'name = "2023"'),
    ],
)
def test_dates_and_the_year_move_on_and_nothing_else(line, now):
    text, told = moved_on(f"[collection]\n{line}\n", 2024)
    assert text == f"[collection]\n{now}\n"
    assert len(told) == (line != now)


def test_byte_order_mark_and_line_ends_of_the_settings_stay(tmp_path):
    (tmp_path / "township.toml").write_bytes(b"\xef\xbb\xbf[collection]\r\nyear = 2023\r\n")
    assert move_settings(tmp_path, 2024) == ["year 2023 → 2024"]
    assert (tmp_path / "township.toml").read_bytes() == b"\xef\xbb\xbf[collection]\r\nyear = 2024\r\n"


def test_year_that_is_begun_already_gets_what_it_lacks(tmp_path):
    (tmp_path / "2024").mkdir()
    (tmp_path / "2024" / "corrections.toml").write_text("# 我的", encoding="utf-8")
    made = begin_year(tmp_path, 2024, "青湖镇", "东湖村", declared())
    assert [path.name for path in made] == ["submissions", "targets.toml"]
    assert (tmp_path / "2024" / "corrections.toml").read_text(encoding="utf-8") == "# 我的"
    assert [path.name for path in tmp_path.iterdir()] == ["2024"]
