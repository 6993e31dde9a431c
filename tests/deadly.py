"""What a reading process may meet: a file that ends it, one that hangs it, one that takes all memory; and a busy PC."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from flows.reading import child
from flows.reading.records import Received

_read = child.read_batch


def read_batch(files: Sequence[Received], seconds: float) -> list[bytes]:
    """As the real one, but a file's content may kill."""
    for file in files:
        content = Path(file.path).read_bytes()
        if content == b"abort":
            os.abort()
        if content == b"hang":
            child.limit_time(seconds)
            while True:
                pass
        if content == b"sleep":
            time.sleep(600)
        if content == b"slow":
            child.limit_time(seconds)
            time.sleep(3)
        if content == b"busy":  # the first time, as on a PC that has no processor to spare
            sign = Path(f"{file.path}.tried")
            if not sign.exists():
                sign.touch()
                time.sleep(600)
        if content == b"memory":
            bytearray(4 << 30)
    return _read(files, seconds)


def cannot_start(*_: object) -> None:
    """A reading process that ends when it starts."""
    os._exit(3)
