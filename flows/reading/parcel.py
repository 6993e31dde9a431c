"""Parcels: workbooks sent with their bytes to be read on another PC, and their readings sent back, in order.

The bytes travel, for the other PC sees no folder of this one. What comes back is the readings' MessagePack, deflated:
a fiftieth of what was sent. Parquet would take six tables, as a reading is nested, and MessagePack is already how
reading processes answer.
"""

import hashlib
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from flows.reading.guard import LARGEST_FILE, MB
from flows.reading.read import read_files
from flows.reading.records import Reading, Received, Wanted

FILES, BYTES = 2_000, 16 * MB
"""Most of one parcel: more files cost less per file, but the scheduler's PC holds every parcel that is on its way."""
PER_LANE = 4
"""Parcels for each file reader of the cluster, so that all end at about the same time."""
PACKAGES = (
    "prefect", "prefect-dask", "distributed", "msgspec", "pebble", "python-calamine", "olefile", "pandas", "pandera",
)  # fmt: skip
HERE = Path(__file__).parents[2]
SOURCES = (".py", ".toml", ".csv", ".sql")

_files = msgspec.msgpack.Decoder(list[Received])
_readings = msgspec.msgpack.Decoder(list[Reading])


class Parcel(msgspec.Struct, frozen=True):
    """Some files and their bytes (None: not to be had), what to look for, and the program that may read them."""

    files: tuple[Received, ...]
    contents: tuple[bytes | None, ...]
    wanted: Wanted
    program: dict[str, str]


def program() -> dict[str, str]:
    """What must be the same on two PCs for both to read alike: system, Python, packages, our sources and catalogue."""
    digest = hashlib.sha256()
    ours = (path for part in ("flows", "schemas") for path in (HERE / part).rglob("*") if path.suffix in SOURCES)
    for path in sorted(ours):
        digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    found = {"系统": sys.platform, "Python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    return {"村汇": digest.hexdigest()[:12], **found, **{name: _version(name) for name in PACKAGES}}


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # heavy: email and zipfile, for a cluster alone

    try:
        return version(package)
    except PackageNotFoundError:
        return "没有安装"


def groups(files: Sequence[Received], lanes: int) -> Iterator[tuple[Received, ...]]:
    """The files in order, as many to a parcel as `lanes` readers at a time are best given."""
    most = min(FILES, max(1, len(files) // (PER_LANE * lanes)))
    group: list[Received] = []
    for file in files:
        if group and (len(group) == most or sum(map(_weight, group)) + _weight(file) > BYTES):
            yield tuple(group)
            group = []
        group.append(file)
    if group:
        yield tuple(group)


def _weight(file: Received) -> int:
    return file.size if file.size <= LARGEST_FILE else 0  # a larger one is refused by its size alone


def pack(files: Sequence[Received], wanted: Wanted, program: dict[str, str]) -> Parcel:
    """A parcel of these files. Their names lose what is no text, as the other side's answer could not hold it."""
    names = (file.file.encode("utf-8", "replace").decode() for file in files)
    named = (msgspec.structs.replace(file, path="", file=name) for file, name in zip(files, names, strict=True))
    return Parcel(tuple(named), tuple(map(_content, files)), wanted, program)


def _content(file: Received) -> bytes | None:
    try:
        return Path(file.path).read_bytes() if _weight(file) else b""
    except OSError:  # reading it over there will say so
        return None


def opened(answer: bytes) -> list[Reading]:
    """The readings that an answer holds."""
    return _readings.decode(zlib.decompress(answer))


def unpack(answer: bytes, files: Sequence[Received]) -> list[Reading]:
    """The readings of these files in their order, under the names that the files have here."""
    readings = {reading.sha256: reading for reading in opened(answer)}
    for file in files:
        readings[file.sha256].file = file.file
    return [readings[file.sha256] for file in files]


def read_apart(parcel: Parcel, folder: str | None = None) -> bytes:
    """Read a parcel in a program of its own, guarded like any reading; its files lie in `folder` meanwhile.

    A program, for a Dask worker is mostly a daemonic process, which may start no reading processes, and they would
    import Dask, as the worker's main module. Does the same whenever it is done again. Raises OSError and
    subprocess.SubprocessError when this machine fails.
    """
    with TemporaryDirectory(prefix="cunhui-", dir=folder) as name:
        here = Path(name)
        for file, content in zip(parcel.files, parcel.contents, strict=True):
            if content is not None:
                (here / file.sha256).write_bytes(content)
        files = [msgspec.structs.replace(file, path=str(here / file.sha256)) for file in parcel.files]
        (here / "files").write_bytes(msgspec.msgpack.encode(files))
        (here / "wanted").write_bytes(msgspec.msgpack.encode(parcel.wanted))
        paths = f"import sys; sys.path[:] = {sys.path!r}"
        code = f"{paths}; from flows.reading.parcel import read_folder; read_folder({name!r})"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as reading:
            if reading.wait():
                raise subprocess.CalledProcessError(reading.returncode, "read_folder")
        return (here / "answer").read_bytes()


def read_folder(name: str) -> None:
    """The program of `read_apart`. It ends at once when whoever started it does, even if by a kill."""
    threading.Thread(target=lambda: os._exit(0 if os.read(0, 1) else 1), daemon=True).start()
    here = Path(name)
    wanted = msgspec.msgpack.decode((here / "wanted").read_bytes(), type=Wanted)
    readings = list(read_files(_files.decode((here / "files").read_bytes()), wanted, workers=1))
    (here / "answer").write_bytes(zlib.compress(msgspec.msgpack.encode(readings)))
