"""What a package is worth: every hash, every total added up again from its facts; in a process of its own.

Whoever sends one is not trusted: nothing of it is opened in our process, and the process that opens it has a limit
of memory and time and, once the tables are loaded, no way to the disk but for what its memory does not hold.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import msgspec

from flows.files import ZIP_FAULTS
from flows.packing.manifest import FORMAT, KIND, MANIFEST, SIGNATURE, TABLES, Manifest, table_file
from flows.packing.signing import signed_by
from flows.packing.units import Asked, units_of
from flows.reading import child
from flows.reading.apart import Apart, Died
from flows.reading.folded import Folded
from flows.reading.guard import LARGEST_UNPACKED
from flows.store.reader import in_memory
from flows.store.statements import sql_beside, sql_statements
from flows.store.store import Store
from flows.totals.add_up import add_up_within
from schemas.errors import InputError
from schemas.findings import Finding
from schemas.roster import PLACES

_SQL = sql_beside(__file__)
LOADING = [text for _, text in sql_statements(Path(__file__).with_name("loading.sql"))]
SECONDS = 60
"""Processor time of one package: the largest township there is, 200 villages of 500 figures, takes three."""
MEMORY = 4 << 30
"""Address space of that process; DuckDB reserves far more of it than it fills."""
NEWER = "是更新的村汇"
"""How the refusal begins of a package that only a newer program can read."""
_FOREIGN = "不是 cunhui package 做的报送包，或者已损坏"
_MOST_TOLD = 5
"""Differences of one kind told by name, so that each finding stays a sentence."""
ROSTER: tuple[str, ...] = ("code", "name", "kind", "terrain", "role", "valid_from", "valid_to", "merged_into", *PLACES)
"""The columns of the roster that a package gives."""


class Checked(msgspec.Struct, frozen=True):
    """A package's manifest, what is wrong with it, whether it is signed, and by which known key.

    Of one whose tables could be loaded: what each unit's submission says, as if its workbook had been read, and what
    the sender's catalogue calls each code, with its unit of measure; and the units as lines of a roster.
    """

    manifest: Manifest
    findings: list[Finding]
    signed_by: str | None = None
    signed: bool = False
    units: list[Folded] = []
    indicators: dict[str, tuple[str, str]] = {}
    roster: list[dict[str, str]] = []

    @property
    def must(self) -> list[Finding]:
        """What must be mended before it may be taken."""
        return [finding for finding in self.findings if finding.level == "强制"]

    @property
    def sound(self) -> bool:
        """Whether it may be taken."""
        return not self.must


def check_package(path: Path, keys: Sequence[Path] = (), asked: Asked | None = None) -> Checked:
    """Everything that can be said of a package by itself; `asked`: with what each unit's submission says of that.

    Raises InputError, in one line, for what is none.
    """
    if not path.is_file():
        raise InputError(f"找不到报送包：{path}")
    try:
        with Apart(SECONDS, MEMORY) as apart:
            said = apart(_checked, str(path), tuple(map(str, keys)), asked)
    except Died:
        raise InputError(f"{path} 打不开：内容过大或者有问题，请对方重新打包") from None
    if isinstance(said, str):
        raise InputError(f"{path} {said}")
    return said


def _checked(path: str, keys: tuple[str, ...], asked: Asked | None) -> Checked | str:
    """In the child: the package checked, or why it is none."""
    child.limit_time(SECONDS)
    found = opened(path)
    if isinstance(found, str):
        return found
    parts, manifest = found
    try:
        signer = _signer(parts, keys)
    except InputError as error:
        return str(error)
    findings = [*wrong_files(parts, manifest), *_signature(parts, signer, keys)]
    checked = Checked(manifest, findings, signer, SIGNATURE in parts)
    if any(finding.code == "PACKAGE_DAMAGED" for finding in findings):
        return checked
    with tempfile.TemporaryDirectory() as folder:
        for name in map(table_file, TABLES):
            Path(folder, name).write_bytes(parts[name])
        parts.clear()
        with in_memory(Path(folder)) as store:
            store.allow(manifest.units_expected)
            return _loaded(store, manifest, Path(folder), checked, asked)


def opened(path: str) -> tuple[dict[str, bytes], Manifest] | str:
    """In a child: a package's parts and what it says of itself, or why it is none."""
    try:
        parts = _parts_of(path)
        manifest = msgspec.json.decode(parts[MANIFEST], type=Manifest)
    except ZIP_FAULTS:
        return _FOREIGN
    if manifest.kind != KIND:
        return _FOREIGN
    if manifest.format > FORMAT:
        return f"{NEWER}（{manifest.cunhui}）做的，请先升级再收"
    return parts, manifest


def _parts_of(path: str) -> dict[str, bytes]:
    """Every part of the zip by its name. Raises one of ZIP_FAULTS where it is none, or larger than any package is."""
    with ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            raise ValueError(path)
        if len(set(archive.namelist())) < len(archive.namelist()):
            raise KeyError(path)
        return {name: archive.read(name) for name in archive.namelist()}


def wrong_files(parts: Mapping[str, bytes], manifest: Manifest) -> Iterator[Finding]:
    """The parts are those of the manifest, byte by byte."""
    names = parts.keys() - {MANIFEST, SIGNATURE}
    if names != manifest.files.keys() or not {table_file(table) for table in TABLES} <= names:
        yield Finding("PACKAGE_DAMAGED", details={"why": "里面的文件与清单对不上"})
        return
    for name, file in manifest.files.items():
        if len(parts[name]) != file.size or hashlib.sha256(parts[name]).hexdigest() != file.sha256:
            yield Finding("PACKAGE_DAMAGED", details={"why": f"{name} 与清单的指纹不符"})


def _signer(parts: Mapping[str, bytes], keys: Sequence[str]) -> str | None:
    if SIGNATURE not in parts or not keys:
        return None
    found = signed_by(parts[MANIFEST], parts[SIGNATURE], [Path(key) for key in keys])
    return found and found.name


def _signature(parts: Mapping[str, bytes], signer: str | None, keys: Sequence[str]) -> Iterator[Finding]:
    if SIGNATURE not in parts:
        yield Finding("PACKAGE_UNSIGNED")
    elif keys and not signer:
        yield Finding("PACKAGE_SIGNATURE")


def _loaded(store: Store, manifest: Manifest, folder: Path, checked: Checked, asked: Asked | None) -> Checked:
    """The package with its tables looked into."""
    try:
        load(store, manifest, folder)
    except Exception:  # whatever DuckDB says, in English, of tables that are not what they should be
        checked.findings.append(Finding("PACKAGE_DAMAGED", details={"why": "数据表读不进来，不是村汇写的样子"}))
        return checked
    checked.findings.extend(_figures(store, manifest))
    indicators = {code: (name, unit) for code, name, unit in store.rows(_SQL["indicators"])}
    own = {manifest.level: manifest.name} if manifest.level in PLACES else {}
    roster = [dict(zip(ROSTER, row, strict=True)) | own for row in store.rows(_SQL["roster"])]
    said = list(units_of(store, manifest.year, asked)) if asked else []
    return msgspec.structs.replace(checked, units=said, indicators=indicators, roster=roster)


def _figures(store: Store, manifest: Manifest) -> Iterator[Finding]:
    """The totals are what the facts add up to, and everything is of the place that the manifest says."""
    strangers = [row[0] for row in store.rows(_SQL["strangers"], {"code": manifest.code})]
    if strangers:
        yield Finding("PACKAGE_UNIT", raw="、".join(strangers[:_MOST_TOLD]), details={"name": manifest.name})
    wrong = store.rows(_SQL["nobodys"])
    if wrong:
        yield Finding("PACKAGE_DAMAGED", details={"why": f"有 {wrong[0][1]} 的数，名册里却没有这个单位"})
    with store.transaction() as db:
        add_up_within(db, manifest.year, "none")
    differing = store.rows(_SQL["differing"], {"year": manifest.year})
    for _, code, indicator, name, said, found, unit in differing[:_MOST_TOLD]:
        whose = manifest.name if code == manifest.code else f"{unit or ''}（{code}）"
        details = {"name": f"{whose}{name}", "value": said, "found": found}
        yield Finding("PACKAGE_TOTALS", indicator=indicator, details=details)
    if len(differing) > _MOST_TOLD:
        yield Finding("PACKAGE_TOTALS_MORE", details={"count": str(len(differing) - _MOST_TOLD)})


def load(store: Store, manifest: Manifest, folder: Path) -> None:
    """The tables into a store of its own, in memory; then nothing of the disk can be reached any more."""
    for table in TABLES:
        quoted = str(folder / table_file(table)).replace("'", "''")
        store.db.execute(f"CREATE TEMP TABLE packed_{table} AS FROM read_parquet('{quoted}')")
    store.db.execute("SET enable_external_access = false")
    given = {"year": manifest.year, "code": int(manifest.code), "level": manifest.level, "name": manifest.name}
    for statement in LOADING:
        store.db.execute(statement, {key: value for key, value in given.items() if f"${key}" in statement})
