"""What DuckDB says of a store that cannot be used: damaged, of a newer program, held by another one."""

import re
from pathlib import Path

import duckdb

from schemas.errors import InputError
from schemas.outputs import STORE

FAILED, WRONG = 1, 2
_REBUILD = "请运行 cunhui rebuild，由存档和记录重建；收到的文件都在"
AGAIN = "请运行 cunhui run，重新生成它"
"""What mends the published copy."""
_OF_THE_FILE = duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.OutOfMemoryException
"""What DuckDB raises for a file; a checksum that does not match comes as its plain Error."""
_DAMAGED = (
    "not a valid DuckDB",
    "Corrupt",
    "checksum",
    "Could not read enough bytes",
    "Failed to deserialize",
    "deserializ",
    "replaying",
    "Failed to load metadata",
)
"""Words of DuckDB 2.0 for a file whose bytes are not what it wrote (each seen with bytes overwritten or cut off)."""


def in_words(error: BaseException, where: Path | str = STORE, mend: str = _REBUILD) -> tuple[str, int] | None:
    """One line for the clerk and the exit status; None where the statement was at fault, and so whoever wrote it."""
    if not isinstance(error, _OF_THE_FILE) and type(error) is not duckdb.Error:
        return None
    text = str(error)
    if "Could not set lock" in text or "being used by another process" in text:
        who = re.search(r"PID (\d+)", text)
        return f"{where} 正被另一个程序打开{f'（进程号 {who[1]}）' if who else ''}：请关闭它，再运行一次。", WRONG
    if "version number" in text:
        return f"{where} 是更新的版本写的，这一版读不了：请升级村汇；要用这一版的话，{mend}。", WRONG
    if "Permission denied" in text or "Read-only file system" in text or "Access is denied" in text:
        return f"{where} 不能读写：没有权限，或所在的磁盘是只读的；请换一个文件夹或去掉写保护，再运行一次。", WRONG
    if "Is a directory" in text:
        return f"{where} 应是文件，那里却是一个文件夹：请把它移走或改名，再运行一次。", WRONG
    if isinstance(error, duckdb.OutOfMemoryException):
        return "内存不够，没有做完；收到的文件和已入库的数都在。请关闭一些程序后再运行一次。", FAILED
    if isinstance(error, duckdb.SerializationException) or any(words in text for words in _DAMAGED):
        return f"{where} 坏了，打不开：{mend}。", WRONG
    return None


def open_store(path: Path) -> duckdb.DuckDBPyConnection:
    """Connect to a store. Raises InputError for one that cannot be used, with what to do."""
    try:
        return duckdb.connect(str(path))
    except duckdb.Error as error:
        if said := in_words(error, path):
            raise InputError(said[0].rstrip("。")) from error
        raise
