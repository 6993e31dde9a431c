"""A year of the store as one file: Parquet of what counts, the tables and the report, under a manifest of hashes."""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from flows.emit.record import changed_since, is_made
from flows.files import zip_entry, zip_in_place
from flows.packing.manifest import FORMAT, KIND, MANIFEST, SIGNATURE, TABLES, Closing, File, Manifest, table_file
from flows.packing.signing import Signer
from flows.store.events import closed_by
from flows.store.reader import published
from flows.store.statements import sql_beside, sql_statements
from flows.store.store import Store
from schemas.errors import InputError
from schemas.outputs import REPORT, SUMMARY

_SQL = sql_beside(__file__)
_TABLES = dict(sql_statements(Path(__file__).with_name("tables.sql")))


def pack(outputs: Path, year: int, target: Path, signer: Signer | None = None) -> Manifest:
    """Write the package of a year that has figures, whole or not at all.

    Raises InputError where there are none, or where the tables are not from the figures of now.
    """
    if target.absolute().is_relative_to(outputs.resolve()):
        raise InputError(f"报送包不能放在 {outputs} 里面，请写到别的文件夹，例如 {target.name} 放到桌面")
    with published(outputs) as store, tempfile.TemporaryDirectory() as folder:
        _refuse_stale(store, outputs, year)
        parts = [*_tables(store, year, Path(folder)), *_papers(outputs / str(year))]
        manifest = _manifest(store, year, {path.name: _described(path) for path in parts})
        _write(target, manifest, parts, signer)
    return manifest


def _refuse_stale(store: Store, outputs: Path, year: int) -> None:
    [(figures,)] = store.rows(_SQL["figures"], {"year": year})
    if not figures:
        raise InputError(f"{year} 年还没有采用的数，没有可以报送的，请先运行 cunhui run")
    if stale := [f"{name}{found}" for name, found in changed_since(store, outputs, year)]:
        raise InputError(f"{year} 年的表和库里的数对不上（{stale[0]}），请先运行 cunhui run 再打包")


def _tables(store: Store, year: int, folder: Path) -> Iterator[Path]:
    for table in TABLES:
        path = folder / table_file(table)
        quoted = str(path).replace("'", "''")
        rows = _TABLES[table].replace("$year", str(int(year)))
        store.db.execute(f"COPY ({rows}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
        yield path


def _papers(folder: Path) -> Iterator[Path]:
    """The tables and the report as they were emitted; without a template, or with one at fault, there is no report."""
    return (folder / name for name in (SUMMARY, REPORT) if (folder / name).exists() and is_made(folder, name))


def _described(path: Path) -> File:
    with path.open("rb") as file:
        return File(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _manifest(store: Store, year: int, files: dict[str, File]) -> Manifest:
    [(code, level, name)] = store.rows(_SQL["whole"])
    [(expected, accepted)] = store.rows(_SQL["counted"], {"year": year})
    closing = closed_by(store, year)
    return Manifest(
        kind=KIND,
        format=FORMAT,
        cunhui=version("cunhui"),
        made_at=datetime.now(UTC),
        year=year,
        code=code,
        level=level,
        name=name,
        closing=closing and Closing(closing.happened_at, closing.who, closing.why, closing.details),
        units_expected=expected,
        units_accepted=accepted,
        catalogue=_digest_of(files[table_file("indicators")]),
        rules=tuple(rules for (rules,) in store.rows(_SQL["rules"], {"year": year})),
        files=files,
    )


def _digest_of(file: File) -> str:
    return file.sha256[:12]


def _write(target: Path, manifest: Manifest, parts: list[Path], signer: Signer | None) -> None:
    said = msgspec.json.format(msgspec.json.encode(manifest))
    with zip_in_place(target) as archive:  # the manifest first: by its name an inbox knows a package
        archive.writestr(zip_entry(MANIFEST), said)
        if signer:
            archive.writestr(zip_entry(SIGNATURE), signer.sign(said))
        for path in parts:
            archive.writestr(zip_entry(path.name), path.read_bytes())
