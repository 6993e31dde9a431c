"""Everything that cannot be made again, in one file: inputs, archive, journal, closed years; and put back from it."""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import ZipFile

import msgspec

from flows.files import ZIP_FAULTS, zip_entry, zip_in_place
from flows.store.journal import Journal
from flows.store.lock import hold
from schemas.errors import InputError
from schemas.outputs import ARCHIVE, CLOSED, JOURNAL

MANIFEST = "manifest.json"
INPUTS, OUTPUTS = "inputs", "outputs"
_PIECE = 1 << 20
"""Bytes copied and hashed at a time: memory stays flat however large a file is."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: each file's SHA-256 by its path, when and by which version it was made."""

    made_at: datetime
    cunhui: str
    year: int | None
    township: str
    files: dict[str, str]


class Restored(msgspec.Struct, frozen=True):
    """What was put back, and where the folders that stood there before are now."""

    manifest: Manifest
    moved: list[Path]


def back_up(inputs: Path, outputs: Path, target: Path, township: str, year: int | None) -> Manifest:
    """Write the backup, verify it, then put it in place of an earlier one. A run may go on meanwhile.

    The journal is taken first: the bytes of whatever it names were archived before. Raises InputError for a target
    inside one of the folders that are backed up.
    """
    target = target.absolute()
    for folder in (inputs, outputs):
        if target.is_relative_to(folder.resolve()) or target.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"备份不能放在 {folder} 里面，请写到别的文件夹或 U 盘，例如 {target.name} 放到桌面")
    with zip_in_place(target, checked) as archive:
        files = {name: _add(archive, name, content) for name, content in _contents(inputs, outputs)}
        manifest = Manifest(datetime.now(UTC), version("cunhui"), year, township, files)
        archive.writestr(zip_entry(MANIFEST), msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _contents(inputs: Path, outputs: Path) -> Iterator[tuple[str, bytes | Path]]:
    """Path in the backup, and the bytes or the file; the journal as it is at this moment, whole lines only."""
    journal = Journal(outputs).path
    if journal.exists():
        data = journal.read_bytes()
        yield f"{OUTPUTS}/{JOURNAL}", data[: data.rfind(b"\n") + 1]
    for name in (ARCHIVE, CLOSED):
        yield from _files(outputs / name, f"{OUTPUTS}/{name}")
    yield from _files(inputs, INPUTS)


def _files(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and path.suffix != ".part" and not hidden:
            yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _add(archive: ZipFile, name: str, content: bytes | Path) -> str:
    """Add one file, piece by piece; returns the SHA-256 of what was added."""
    digest = hashlib.sha256()
    with archive.open(zip_entry(name), "w", force_zip64=True) as target:
        if isinstance(content, bytes):
            digest.update(content)
            target.write(content)
        else:
            with content.open("rb") as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    target.write(piece)
    return digest.hexdigest()


def checked(path: Path) -> Manifest:
    """Read a backup through. Raises InputError, in one line, where it is none, not whole, or not what it says."""
    try:
        with ZipFile(path) as archive:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
            names = set(archive.namelist()) - {MANIFEST}
            if names != set(manifest.files) or not all(map(_stays_inside, names)):
                raise InputError(f"{path} 不是完整的备份：里面的文件与清单对不上")
            for name, digest in manifest.files.items():
                with archive.open(name) as file:
                    if _digest(file) != digest:
                        raise InputError(f"{path} 已损坏：{name} 与清单的指纹不符，请换一份备份")
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"找不到备份文件：{path}") from None
    except ZIP_FAULTS:
        raise InputError(f"{path} 不是 cunhui backup 做的备份，或者已损坏") from None
    return manifest


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts[0] in (INPUTS, OUTPUTS) and ".." not in path.parts and "\\" not in name and len(path.parts) > 1


def restore(path: Path, inputs: Path, outputs: Path, replace: bool) -> Restored:
    """Put a backup's inputs and outputs in place, after it has been read through.

    What stands there is moved aside, whole, and only where `replace` says so. The store is to be rebuilt afterwards.
    """
    manifest = checked(path)
    places = {INPUTS: inputs.absolute(), OUTPUTS: outputs.absolute()}
    there = [place for place in places.values() if place.exists() and any(place.iterdir())]
    if there and not replace:
        raise InputError(
            f"{'、'.join(map(str, there))} 里已有内容，没有动；确实要换成备份里的，加 --replace（原来的会移到旁边保留）"
        )
    moved: list[Path] = []
    staged = {name: _unpacked(path, name, place, manifest) for name, place in places.items()}
    if places[OUTPUTS] in there:
        with hold(places[OUTPUTS], wait=30):  # no run may be under way; the lock moves away with the folder
            pass
    for name, place in places.items():
        if place.exists() and place not in there:
            place.rmdir()
        if place in there:
            moved.append(_aside(place))
        staged[name].rename(place)
    return Restored(manifest, moved)


def _unpacked(path: Path, name: str, place: Path, manifest: Manifest) -> Path:
    """The files of one of the two folders, whole and on the disk, beside where they are to stand."""
    place.parent.mkdir(parents=True, exist_ok=True)
    staged = place.with_name(f".{place.name}.restoring")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    with ZipFile(path) as archive:
        for each in manifest.files:
            part = PurePosixPath(each)
            if part.parts[0] == name:
                target = staged.joinpath(*part.parts[1:])
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(each) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
    return staged


def _aside(place: Path) -> Path:
    """Move a folder aside under a name that says when it was replaced."""
    stem = f"{place.name}-替换前-{datetime.now():%Y%m%d-%H%M%S}"
    target = next(one for n in range(1000) if not (one := place.with_name(stem + (f"-{n}" if n else ""))).exists())
    return place.rename(target)
