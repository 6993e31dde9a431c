"""What a reading process may meet: a file that ends it, one that hangs it, one that takes all memory."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from flows.reading import child
from flows.reading.records import Received

_read = child.read_batch


def read_batch(files: Sequence[Received]) -> bytes:
    """As the real one, but a file's content may kill."""
    for file in files:
        content = Path(file.path).read_bytes()
        if content == b"abort":
            os.abort()
        if content == b"hang":
            time.sleep(600)
        if content == b"memory":
            bytearray(4 << 30)
    return _read(files)


def cannot_start(*_: object) -> None:
    """A reading process that ends when it starts."""
    os._exit(3)
