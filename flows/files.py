"""Writing a file: whole or not at all; what goes wrong with a zip that somebody else wrote, or with the system.

What is being written stands beside its place under a hidden name.
"""

import errno
import logging
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from schemas.errors import InputError

ZIP_FAULTS = (
    zipfile.BadZipFile,  # no zip, or cut off; also a checksum that differs
    zlib.error,  # a part whose packed bytes were changed
    EOFError,  # a part that ends early
    KeyError,  # a part that is not there
    NotImplementedError,  # zipfile's own, for a version or a compression that it does not know
    RuntimeError,  # a password
    struct.error,  # a directory that was forged
    IndexError,  # likewise
    ValueError,  # likewise; msgspec's word, too, for a manifest that is none
)
"""All that zipfile raises for what a file holds. No OSError: that is the disk's, and no fault of the file."""

_BUSY, _DISK_FULL = "正被别的程序占用，请过一会儿再试", "磁盘满了，请腾出空间"
_AWAY = "连不上了（共享文件夹或网络断了）"
_SAID = {
    "ENOSPC": _DISK_FULL, "EDQUOT": _DISK_FULL, "EACCES": "没有权限，或正被别的程序占用",
    "EPERM": "没有权限，或正被别的程序占用", "EBUSY": _BUSY, "ETXTBSY": _BUSY, "EAGAIN": "系统忙不过来，请过一会儿再试",
    "EROFS": "所在的磁盘是只读的，写不进去", "ENAMETOOLONG": "名字太长，系统放不下", "ENOENT": "文件或文件夹已经不在",
    "ENOTDIR": "文件夹的位置上是一个文件", "EISDIR": "文件的位置上是一个文件夹", "EEXIST": "那里已经有同名的文件",
    "ENOMEM": "内存不够", "EMFILE": "打开的文件太多", "ENFILE": "打开的文件太多", "ELOOP": "是绕回自己的链接",
    "EFBIG": "太大，这个磁盘的格式放不下", "EIO": "读写失败（磁盘或网络有故障）", "ECONNREFUSED": "对方没有接受连接",
    "ECONNRESET": "连接断了", "EPIPE": "连接断了", "ETIMEDOUT": "等得太久，连接超时了",
    "ESTALE": _AWAY, "ENOTCONN": _AWAY, "EHOSTDOWN": _AWAY, "EHOSTUNREACH": _AWAY, "ENETDOWN": _AWAY,
    "ENETUNREACH": _AWAY, "ENODEV": _AWAY,
}  # fmt: skip
_BY_NUMBER = {getattr(errno, name): said for name, said in _SAID.items() if hasattr(errno, name)}


def hindered(error: OSError) -> str:
    """What the system says stood in the way, in Chinese; of what is not known its number, and its words in the log."""
    if error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    number = getattr(error, "winerror", None) or error.errno
    figures = {"event": "refused", "number": number, "said": error.strerror or str(error)}
    logging.getLogger("cunhui.steps").info("系统报错 %s：%s", number, figures["said"], extra={"figures": figures})
    return f"系统报错，代号 {number or '不明'}"


def write_atomically(path: Path, data: bytes) -> Path:
    """Put the file in place whole or not at all. Raises InputError when another program holds it open."""
    return put_in_place(path, lambda temporary: temporary.write_bytes(data))


def put_in_place(path: Path, write: Callable[[Path], object]) -> Path:
    """The same for whatever `write` puts into the file that it is given."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        try:
            os.replace(temporary, path)
        except PermissionError:
            raise InputError(f"{path} 写不进去：可能正被表格软件打开，请关闭后重试") from None
    except BaseException:
        with suppress(OSError):  # a folder that refuses the one refuses the other
            temporary.unlink()
        raise
    return path


@contextmanager
def zip_in_place(target: Path, check: Callable[[Path], object] = lambda partial: None) -> Iterator[zipfile.ZipFile]:
    """A zip to fill, which its owner alone reads; in place of an earlier one only when it is whole on the disk.

    `check` looks at it before, and raises where it is not what it should be.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        check(partial)
        os.replace(partial, target)
        sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def zip_entry(name: str) -> zipfile.ZipInfo:
    """An entry of such a zip, packed unless its kind is packed already."""
    entry = zipfile.ZipInfo(name, datetime.now().timetuple()[:6])
    entry.external_attr = 0o600 << 16
    packed = PurePosixPath(name).suffix.lower() in {".xlsx", ".xlsm", ".xlsb", ".ods", ".docx", ".zip", ".parquet"}
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    return entry


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlive a power cut, where the system has that."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
