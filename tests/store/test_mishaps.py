"""What DuckDB says of a store that cannot be used is one line that says what to do; of a wrong statement, nothing."""

from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import pytest

from flows.store.events import Event, in_words
from flows.store.mishaps import AGAIN, FAILED, WRONG, open_store
from flows.store.mishaps import in_words as mishap
from schemas.errors import InputError


@pytest.mark.parametrize(
    ("error", "words", "status"),
    [
        (
            duckdb.IOException('Could not set lock on file "x": held in PID 4711'),
            "另一个程序打开（进程号 4711）",
            WRONG,
        ),
        (duckdb.IOException("it is being used by another process"), "正被另一个程序打开：请关闭它", WRONG),
        (duckdb.IOException("file has version number 99, this reads up to 67"), "更新的版本写的，这一版读不了", WRONG),
        (duckdb.IOException('Cannot open file "x": Permission denied'), "没有权限，或所在的磁盘是只读的", WRONG),
        (duckdb.IOException('Could not read from file "x": Is a directory'), "那里却是一个文件夹", WRONG),
        (duckdb.OutOfMemoryException("failed to allocate 1 GB"), "内存不够，没有做完", FAILED),
        (duckdb.SerializationException("field id mismatch"), "坏了，打不开：请运行 cunhui run", WRONG),
        (duckdb.Error("Corrupt database file: computed checksum 1"), "坏了，打不开：请运行 cunhui run", WRONG),
    ],
)
def test_store_that_cannot_be_used_is_said_in_one_line_with_what_to_do(error, words, status):
    said = mishap(error, "副本", AGAIN)
    assert said is not None
    assert words in said[0] and "\n" not in said[0] and said[1] == status


@pytest.mark.parametrize(
    "error", [duckdb.ParserException("syntax error"), duckdb.IOException("what nobody has seen"), ValueError("x")]
)
def test_fault_that_is_not_the_files_is_no_mishap_of_the_store(error):
    assert mishap(error) is None


def test_file_that_is_no_store_and_a_folder_in_its_place_are_refused(tmp_path):
    (tmp_path / "a.duckdb").write_bytes(b"no database, but long enough to look like one" * 400)
    with pytest.raises(InputError, match="坏了，打不开：请运行 cunhui rebuild"):
        open_store(tmp_path / "a.duckdb")
    (tmp_path / "b.duckdb").mkdir()
    with pytest.raises(InputError, match=r"b\.duckdb 应是文件，那里却是一个文件夹"):
        open_store(tmp_path / "b.duckdb")


@pytest.mark.parametrize(
    ("why", "details", "said"),
    [
        ("", "", "2023 年已由李四于 2024-01-20 16:30 封存"),
        ("年报结束", "大湾村、三湾村", "2023 年已由李四于 2024-01-20 16:30 封存（年报结束），大湾村、三湾村除外"),
    ],
)
def test_closing_is_said_with_who_when_why_and_whom_it_leaves_out(why, details, said):
    when = datetime.fromisoformat("2024-01-20T08:30:00+00:00")
    assert in_words(Event(when, 2023, "close", None, "李四", why, details), ZoneInfo("Asia/Shanghai")) == said
