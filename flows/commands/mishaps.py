"""What went wrong around the program, in one Chinese line by kind: a disk, a folder, a share, memory, the store."""

import errno
import sys
from collections.abc import Iterator

from flows.values.characters import printable
from schemas.errors import InputError, ServerError

FAILED, WRONG = 1, 2
"""The exit status: the machine failed on the way; or what the clerk can mend stood in the way."""
KEPT = "收到的文件和已入库的数都在"
_FULL = ("No space left on device", "not enough space on the disk")
"""How systems say it, where a library only passes their words on."""
_NO_ROOM = f"磁盘满了，没有做完；{KEPT}。请腾出空间后再运行一次。"
_GONE = "连不上了（共享文件夹或网络断了）：请连好以后再运行一次"
_NOT_THERE = "找不到了：可能已被移走或改名，或共享文件夹断开了；请放回原处再运行一次"
_TAKEN = "不能读写：没有权限，或正被别的程序打开；请关闭那个程序，或换一个有权限的文件夹再运行一次"
_KINDS: dict[str, tuple[str, int]] = {
    "EACCES": (_TAKEN, WRONG),
    "EPERM": (_TAKEN, WRONG),
    "EBUSY": (_TAKEN, WRONG),
    "ETXTBSY": (_TAKEN, WRONG),
    "EROFS": ("所在的磁盘是只读的，写不进去：请去掉写保护，或用 --outputs 另指定一个文件夹再运行一次", WRONG),
    "ENOTDIR": ("应在文件夹里，那个文件夹的位置上却是一个文件：请把它移走或改名再运行一次", WRONG),
    "EEXIST": ("应是文件夹，那里却是一个文件：请把它移走或改名再运行一次", WRONG),
    "EISDIR": ("应是文件，那里却是一个文件夹：请把它移走或改名再运行一次", WRONG),
    "ENOTEMPTY": ("应是文件，那里却是一个文件夹：请把它移走或改名再运行一次", WRONG),
    "ENOENT": (_NOT_THERE, WRONG),
    "ENAMETOOLONG": ("名字太长，系统放不下：请换一个短些的文件夹再运行一次", WRONG),
    "ELOOP": ("是绕回自己的链接：请换成文件夹本身再运行一次", WRONG),
    "EFBIG": ("太大，这个磁盘的格式放不下：请换一个磁盘再运行一次", WRONG),
    "EIO": ("读写失败（磁盘或网络有故障），没有做完：请检查磁盘和网络，再运行一次", FAILED),
} | {
    name: (_GONE, WRONG)
    for name in ("ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENONET", "EREMOTEIO",
                 "ETIMEDOUT", "ENODEV", "ENXIO", "ECONNABORTED", "ESHUTDOWN", "ENOLINK")
}  # fmt: skip
_BY_NUMBER = {getattr(errno, name): said for name, said in _KINDS.items() if hasattr(errno, name)}
_NETWORK_OF_WINDOWS = {51, 53, 54, 55, 59, 64, 65, 67, 121, 1222, 1231, 1232, 1236}
"""Windows' own error numbers (System Error Codes) for a share that does not answer; errno calls most of them EINVAL."""


def told(error: BaseException) -> tuple[list[str], int] | None:
    """The lines to show and the exit status; None for a failure of our own."""
    if isinstance(error, InputError):
        return [*error.lines], WRONG
    if isinstance(error, ServerError):
        return [str(error)], FAILED
    for one in _causes(error):
        if said := _around(one):
            return [said[0]], said[1]
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The failure and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def is_disk_full(error: BaseException | None) -> bool:
    """Whether there was no room left to write, as Python or DuckDB say it, here or further down the cause."""
    while error is not None:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        if full or any(words in str(error) for words in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def _around(error: BaseException) -> tuple[str, int] | None:
    if is_disk_full(error):
        return _NO_ROOM, FAILED
    if isinstance(error, MemoryError):
        return f"内存不够，没有做完；{KEPT}。请关闭一些程序后再运行一次。", FAILED
    if isinstance(error, OSError):
        return _of_the_system(error)
    if "duckdb" in sys.modules:  # loading it only to learn that the failure is none of its own would be dear
        from flows.store.mishaps import in_words  # heavy: DuckDB

        return in_words(error)
    return None


def _of_the_system(error: OSError) -> tuple[str, int] | None:
    """A file or folder that the system refuses, named."""
    if getattr(error, "winerror", None) in _NETWORK_OF_WINDOWS:
        said = _GONE, WRONG
    elif error.errno in _BY_NUMBER and (error.filename or error.errno != errno.ENOENT):
        said = _BY_NUMBER[error.errno]
    else:
        return None
    where = error.filename2 or error.filename
    where = where.decode(errors="replace") if isinstance(where, bytes) else where
    return printable(f"{where if isinstance(where, str) else '要用的文件'} {said[0]}。"), said[1]
