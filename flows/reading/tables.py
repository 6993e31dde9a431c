"""Any workbook as plain sheets, read in a process of its own: rosters and catalogues come from outside as forms do."""

from pathlib import Path

import msgspec

from flows.reading import child
from flows.reading.apart import Apart, Died
from flows.reading.guard import LARGEST_FILE, MB, Refused
from flows.reading.records import Table
from schemas.errors import InputError

SECONDS = 20
"""Processor time: the built-in catalogue as a workbook takes 0.3 s (2026-11)."""


def read_tables(path: Path) -> list[Table]:
    """The sheets of a workbook or CSV, hidden ones too, in order.

    Raises InputError with one line where there is no such file or it cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(path, Refused("FILE_TOO_BIG", why=f"最多 {LARGEST_FILE // MB} MB"))
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"找不到文件：{path}") from None
    except IsADirectoryError:
        raise InputError(f"{path} 是文件夹，应是一个表格文件（.xlsx .xls .ods .et .csv）") from None
    except OSError:
        raise InputError(f"{path} 读不到：可能没有权限，或正被别的程序占用") from None
    try:
        with Apart(SECONDS) as apart:
            encoded = apart(child.tables_inside, data, SECONDS)
    except Died:
        raise _refused(path, Refused("FILE_READER_DIED", why="读取程序崩溃或太慢")) from None
    said = msgspec.msgpack.decode(encoded, type=list[Table] | dict[str, str])
    if isinstance(said, dict):
        raise _refused(path, Refused(**said))
    return said


def _refused(path: Path, refused: Refused) -> InputError:
    return InputError(f"{path}：{refused.finding(path.name).problem}")
