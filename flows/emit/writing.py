"""Writing a file only where it would change."""

import filecmp
import shutil
from pathlib import Path

from flows.files import put_in_place, write_atomically


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
