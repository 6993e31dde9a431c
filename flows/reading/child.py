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

from flows.files import hindered
from flows.reading.grid import Sheet, read_book
from flows.reading.guard import LARGEST_FILE, MB, Refused
from flows.reading.locate.locate import locate
from flows.reading.locate.vocabulary import GLOSSARY, Words
from flows.reading.orphan import be_killed_with_forker, end_with_parent
from flows.reading.records import Reading, Received, Table, TableCell, Wanted
from schemas.findings import Finding

OUT_OF_TIME = -getattr(signal, "SIGXCPU", 24)
"""The exit code of a process that used up its processor time; Windows has no such limit."""
LARGEST_READING = 8 * MB
"""What one file may say in all; a full form says a hundredth of it."""
_PER_COLLECTION = 20_000
"""Objects made between two searches for garbage in circles, of which reading leaves none: Python's 700 cost 9% of a
form's reading (2026-11)."""
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
        import resource  # optional: Windows has none
    except ImportError:  # Windows: sizes and time are limited all the same
        pass
    else:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    gc.freeze()
    gc.set_threshold(_PER_COLLECTION)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where the fast reader tells of its panics


def limit_time(seconds: float) -> None:
    """End this process when it has worked that long from now, however long it waited for others to work."""
    try:
        import resource  # optional: Windows has none
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
        why = f"存档文件打不开：{hindered(error)}"
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


def tables_inside(data: bytes, seconds: float) -> bytes:
    """Every sheet of one workbook within so much processor time, encoded; or why it cannot be read, in words."""
    limit_time(seconds)
    try:
        encoded = _encode(tables_of(data))
        return encoded if len(encoded) <= LARGEST_READING else _encode({"code": "FILE_TOO_BIG", "why": "文字太多"})
    except Refused as refused:
        return _encode({"code": refused.code, **refused.details})
    except MemoryError:
        return _encode({"code": "FILE_TOO_BIG", "why": "读取时内存不够"})
    except Exception as error:
        return _encode({"code": "FILE_READER_DIED", "why": _told(error)})
    except BaseException:  # a panic of the fast reader
        return _encode({"code": "FILE_DAMAGED", "why": "内部结构读不通"})


def tables_of(data: bytes) -> list[Table]:
    """Every sheet of a workbook. Raises Refused; in a process of its own only, unless the bytes are known."""
    return [_table(sheet) for sheet in read_book(data).sheets]


def _table(sheet: Sheet) -> Table:
    """What is filled of a sheet, in the order of reading."""
    width = range(sheet.left, sheet.right + 1)
    places = {(row, column) for row in sheet.filled(1, sheet.bottom + 1) for column in width} | sheet.lost.keys()
    cells = [_table_cell(sheet, row, column) for row, column in sorted(places)]
    return Table(sheet.name, sheet.visible, [cell for cell in cells if cell.text], list(sheet.looks.merges))


def _table_cell(sheet: Sheet, row: int, column: int) -> TableCell:
    """What is stored, without what is struck out there."""
    raw, kind = sheet.cell(row, column)
    if (row, column) in sheet.looks.partly:
        raw = sheet.remark(row, column)
    return TableCell(row, column, raw.strip(), "struck" if (row, column) in sheet.looks.struck else kind)


def failed(file: str, sha256: str, refused: Refused) -> Reading:
    """The reading of a file that cannot be read."""
    finding: Finding = refused.finding(file)
    return Reading(sha256, file, findings=[finding])


def _told(error: BaseException) -> str:
    """Where our own program failed, for whoever mends it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"程序内部出错 {type(error).__name__} {place}".strip()
