"""Inside a reading process: bytes to a reading, whatever the bytes are.

Reading processes import this module and nothing else of the project, so it stays light.
"""

import gc
import os
import signal
import traceback
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import msgspec

from flows.reading.grid import read_book
from flows.reading.guard import LARGEST_FILE, MB, Refused
from flows.reading.locate.locate import locate
from flows.reading.locate.vocabulary import GLOSSARY, Words
from flows.reading.orphan import be_killed_with_forker, end_with_parent
from flows.reading.records import Reading, Received, Wanted
from schemas.findings import Finding

OUT_OF_TIME = -getattr(signal, "SIGXCPU", 24)
"""The exit code of a process that used up its processor time; Windows has no such limit."""
LARGEST_READING = 8 * MB
"""What one file may say in all; a full form says a hundredth of it."""
_encode = msgspec.msgpack.Encoder().encode
_words: list[Words] = []


def start(wanted: bytes, memory: int) -> None:
    """Prepare this process: what to look for, and its limit."""
    _words[:] = [Words(msgspec.msgpack.decode(wanted, type=Wanted))]
    limit(memory)


def limit(memory: int) -> None:
    """Give this process an address-space limit in bytes, where the system has one; it ends with whoever started it."""
    be_killed_with_forker()
    end_with_parent()
    try:
        import resource
    except ImportError:  # Windows: sizes and time are limited all the same
        pass
    else:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    gc.freeze()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where the fast reader tells of its panics


def limit_time(seconds: float) -> None:
    """End this process when it has worked that long from now, however long it waited for others to work."""
    try:
        import resource
    except ImportError:  # Windows: the parent's wall limit stands alone
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def read_batch(files: Sequence[Received], seconds: float) -> list[bytes]:
    """Read a few files within so much processor time; encoded readings in the same order."""
    limit_time(seconds)
    return [_encoded(_read_file(file, _words[0])) for file in files]


def _encoded(reading: Reading) -> bytes:
    """A reading on its way to the parent, which must not choke on it: a shared text may fill any number of cells."""
    encoded = _encode(reading)
    if len(encoded) > LARGEST_READING:
        return _encode(failed(reading.file, reading.sha256, Refused("FILE_TOO_BIG", why="填写的文字太多")))
    return encoded


def _read_file(received: Received, words: Words) -> Reading:
    file = received.file.encode("utf-8", "replace").decode()  # a name of bytes that are no text cannot be sent back
    if received.size > LARGEST_FILE:
        why = f"文件 {received.size // MB} MB，最多 {LARGEST_FILE // MB} MB"
        return failed(file, received.sha256, Refused("FILE_TOO_BIG", why=why))
    try:
        data = Path(received.path).read_bytes()
    except OSError as error:
        why = f"存档文件打不开：{error.strerror}"
        return failed(file, received.sha256, Refused("FILE_READER_DIED", why=why))
    return read_inside(data, words, file, received.sha256)


def read_inside(data: bytes, words: Words, file: str = "", sha256: str = "") -> Reading:
    """Read one file. Never raises for what it holds: then the reading has one blocking finding and nothing else."""
    try:
        return locate(read_book(data, (GLOSSARY,)), words, Reading(sha256, file))
    except (KeyboardInterrupt, SystemExit):
        raise
    except Refused as refused:
        return failed(file, sha256, refused)
    except MemoryError:
        return failed(file, sha256, Refused("FILE_TOO_BIG", why="读取时内存不够"))
    except Exception as error:
        return failed(file, sha256, Refused("FILE_READER_DIED", why=_told(error)))
    except BaseException:  # a panic of the fast reader
        return failed(file, sha256, Refused("FILE_DAMAGED", why="内部结构读不通"))


def failed(file: str, sha256: str, refused: Refused) -> Reading:
    """The reading of a file that cannot be read."""
    finding: Finding = refused.finding(file)
    return Reading(sha256, file, findings=[finding])


def _told(error: BaseException) -> str:
    """Where our own program failed, for whoever mends it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"程序内部出错 {type(error).__name__} {place}".strip()
