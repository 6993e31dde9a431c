"""Writing a file: whole or not at all; and what goes wrong with a zip that somebody else wrote.

What is being written stands beside its place under a hidden name.
"""

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
    NotImplementedError,  # a version or a compression that it does not know
    RuntimeError,  # a password
    struct.error,  # a directory that was forged
    IndexError,  # likewise
    ValueError,  # likewise; msgspec's word, too, for a manifest that is none
)
"""All that zipfile raises for what a file holds. No OSError: that is the disk's, and no fault of the file."""


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
