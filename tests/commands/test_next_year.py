"""`cunhui next-year`: the folder of the year after, settings moved on with their comments, nothing done twice."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.commands.cli import main
from flows.starting.next_year import moved_on
from flows.store.journal import Happened, Journal
from schemas.inputs import load_inputs
from schemas.toml import read_toml

SETTINGS = """# 本镇的设置
[township]
code = "880202303" # 前 9 位
name = "青湖镇"

[collection]   # 收报
year = 2023   # 收哪一年
deadline = 2024-01-10T18:00:00  # 当地时间
[report]
# 称呼
township_name = "青湖镇"
"""
ROSTER = "code,name,kind\n880202303201,东湖村,村\n"


@pytest.fixture
def office(tmp_path) -> tuple[Path, Path]:
    """A township in its first year, not closed; two targets were set for the year after."""
    inputs, outputs = tmp_path / "inputs", tmp_path / "outputs"
    (inputs / "2023" / "submissions").mkdir(parents=True)
    (inputs / "township.toml").write_bytes(b"\xef\xbb\xbf" + SETTINGS.replace("\n", "\r\n").encode())
    (inputs / "units.csv").write_text(ROSTER, encoding="utf-8")
    (inputs / "2023" / "targets.toml").write_text('"避险搬迁任务" = 26\nT06 = 28.5\n', encoding="utf-8")
    return inputs, outputs


def next_year(office, *more):
    return main(["next-year", "--inputs", str(office[0]), "--outputs", str(office[1]), *more])


def happened(office, what, year=2023):
    Journal(office[1]).write([Happened(datetime.now(UTC), year, what, "王会计", "收齐")])


def test_year_that_is_not_closed_is_refused_in_one_line_and_nothing_changes(office, capsys):
    before = (office[0] / "township.toml").read_bytes()
    assert next_year(office) == 2
    said = capsys.readouterr().err
    assert said.startswith("错误：2023 年还没有封存") and said.count("\n") == 1 and "--open" in said
    assert (office[0] / "township.toml").read_bytes() == before
    assert not (office[0] / "2024").exists()


@pytest.mark.parametrize(("events", "status"), [(("close",), 0), (("close", "reopen"), 2), (("close", "restore"), 0)])
def test_year_counts_as_closed_by_the_last_word_on_it(office, events, status):
    for what in events:
        happened(office, what)
    assert next_year(office) == status


def test_next_year_has_everything_it_needs_and_what_is_planned_is_said(office, capsys):
    happened(office, "close")
    assert next_year(office) == 0
    said = capsys.readouterr().out
    assert "2023 年定的 2 项目标作为 2024 年的计划数" in said and "year 2023 → 2024" in said
    known = load_inputs(office[0])
    assert (known.year, known.settings.collection.deadline) == (2024, datetime(2025, 1, 10, 18))
    assert known.targets == {}
    place = office[0] / "2024"
    assert sorted(path.name for path in place.iterdir()) == ["corrections.toml", "submissions", "targets.toml"]
    targets = (place / "targets.toml").read_text(encoding="utf-8")
    assert all(f'# "{target.name}" = ' in targets for target in known.catalogue.targets.values())


def test_settings_keep_every_comment_and_the_line_ends(office):
    assert next_year(office, "--open") == 0
    text = (office[0] / "township.toml").read_bytes()
    expected = (
        SETTINGS.replace("year = 2023", "year = 2024").replace("2024-01-10T", "2025-01-10T").replace("\n", "\r\n")
    )
    assert text == b"\xef\xbb\xbf" + expected.encode()


def test_second_time_says_that_it_is_there_and_changes_nothing(office, capsys):
    assert next_year(office, "--open") == 0
    before = {path: path.read_bytes() for path in office[0].rglob("*.*")}
    for more in ([], ["--open"], ["--year", "2023"]):
        capsys.readouterr()
        assert next_year(office, *more) == 0
        assert "2024 年的文件夹已经有了" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in office[0].rglob("*.*")} == before
    assert not (office[0] / "2025").exists()


def test_year_after_that_is_refused_again_once_something_has_come_in(office, capsys):
    assert next_year(office, "--open") == 0
    (office[0] / "2024" / "submissions" / "东湖村.xlsx").write_bytes(b"x")
    assert next_year(office) == 2
    assert "2024 年还没有封存" in capsys.readouterr().err


def test_folder_begun_by_hand_or_by_an_interrupted_run_is_completed_and_keeps_what_it_has(office):
    (office[0] / "2024" / "submissions").mkdir(parents=True)
    (office[0] / "2024" / "submissions" / "早报.xlsx").write_bytes(b"x")
    (office[0] / "2024" / "targets.toml").write_text("# 已经写了\n", encoding="utf-8")
    (office[0] / ".2024.new").mkdir()
    assert next_year(office, "--open") == 0
    assert (office[0] / "2024" / "submissions" / "早报.xlsx").read_bytes() == b"x"
    assert (office[0] / "2024" / "targets.toml").read_text(encoding="utf-8") == "# 已经写了\n"
    assert (office[0] / "2024" / "corrections.toml").exists()
    assert not (office[0] / ".2024.new").exists()
    assert load_inputs(office[0]).year == 2024


def test_wrong_settings_are_said_before_anything_is_made(office, capsys):
    (office[0] / "units.csv").write_text("code,name\n", encoding="utf-8")
    assert next_year(office, "--open") == 2
    assert capsys.readouterr().err.startswith("错误：")
    assert not (office[0] / "2024").exists()


def test_dates_of_the_year_are_moved_and_what_was_given_for_it_is_not():
    before = "[collection]\nyear = 2023\ndeadline = 2024-02-29T08:00:00\n[wording]\nreport_date = 2024-01-20\n"
    given = "[report.'苗木']\nyear = 2023\non = 2024-01-03\n"
    text, told = moved_on(before + given, 2024)
    after = "[collection]\nyear = 2024\ndeadline = 2025-02-28T08:00:00\n[wording]\nreport_date = 2025-01-20\n"
    assert text == after + given
    assert len(told) == 3


def test_sample_settings_change_in_two_lines_only(tmp_path):
    path = Path(__file__).parents[2] / "inputs" / "township.toml"
    before = path.read_text(encoding="utf-8")
    after, _ = moved_on(before, 2024)
    changed = [(one, other) for one, other in zip(before.split("\n"), after.split("\n"), strict=True) if one != other]
    assert changed == [
        ("year = 2023", "year = 2024"), ("deadline = 2024-01-10T18:00:00", "deadline = 2025-01-10T18:00:00")
    ]  # fmt: skip
    (tmp_path / "township.toml").write_text(after, encoding="utf-8")
    assert read_toml(tmp_path / "township.toml")["collection"]["deadline"].date() == date(2025, 1, 10)
