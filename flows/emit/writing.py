"""Writing a file: whole or not at all, and only where it would change."""

import filecmp
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from schemas.errors import InputError


def write_changed(path: Path, data: bytes) -> Path:
    """Put the file in place, whole or not at all, unless it already holds these bytes.

    Raises InputError when another program holds it open.
    """
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_atomically(path, data)


def copy_changed(path: Path, source: Path) -> Path:
    """The same with the bytes of another file, which may be large: they are never held in memory whole."""
    if path.is_file() and filecmp.cmp(path, source, shallow=False):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    return put_in_place(path, lambda temporary: shutil.copyfile(source, temporary))


def write_atomically(path: Path, data: bytes) -> Path:
    """Put the file in place whole or not at all. Raises InputError when another program holds it open."""
    return put_in_place(path, lambda temporary: temporary.write_bytes(data))


def put_in_place(path: Path, write: Callable[[Path], object]) -> Path:
    """The same for whatever `write` puts into the file that it is given."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, PermissionError):
            raise InputError(f"{path} 写不进去：可能正被表格软件打开，请关闭后重试") from None
        raise
    return path
