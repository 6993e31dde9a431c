"""Writing a file: whole or not at all. What is being written stands beside its place under a hidden name."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from schemas.errors import InputError


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
