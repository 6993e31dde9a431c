"""回执 of a county: one for every package that it has received, in outputs/<year>/回执, to be sent back."""

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from flows.emit.writing import write_changed
from flows.packing.receipt import FORMAT, KIND, Answer, Receipt, sealed
from flows.packing.signing import PASSWORD, PRIVATE, Signer
from flows.store.statements import sql_beside
from flows.store.store import Store
from schemas.errors import InputError
from schemas.levels import between, level_of
from schemas.outputs import RECEIPTS
from schemas.states import COUNTING
from schemas.township import Settings

_SQL = sql_beside(__file__)
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def write_receipts(
    store: Store, settings: Settings, year: int, folder: Path, keys: Path
) -> tuple[list[Path], list[str]]:
    """Write the receipt of each package of the year into `folder`; returns the files, and what is to be said.

    Signed by the key cunhui.key in `keys`, where there is one.
    """
    receipts = list(receipts_of(store, settings, year))
    if not receipts:
        return [], []
    signer, notes = _signer(keys)
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"{_UNSAFE.sub('_', each.name)}-{year}-回执-{each.package[:8]}.zip": each for each in receipts}
    return [write_changed(folder / name, sealed(each, signer)) for name, each in named.items()], notes


def _signer(keys: Path) -> tuple[Signer | None, list[str]]:
    path = keys / PRIVATE
    if not path.exists():
        return None, []
    try:
        return Signer(path, os.environ.get(PASSWORD)), []
    except InputError as error:
        return None, [f"{RECEIPTS}没有签名：{error}"]


def receipts_of(store: Store, settings: Settings, year: int) -> Iterator[Receipt]:
    """What is to be said of each package of the year, in the order in which they came."""
    if not (sent := store.rows(_SQL["units"], {"year": year})):
        return
    findings: dict[int, list[str]] = {}
    for sub, message in store.rows(_SQL["findings"], {"year": year}):
        findings.setdefault(sub, []).append(message)
    places = dict(store.rows(_SQL["places"], {"year": year}))
    who = settings.township
    for sha256, rows in groupby(sent, key=lambda row: row[0]):
        parts = list(rows)
        _, file, received_at, *_ = parts[0]
        units = tuple(Answer(code, name, state, tuple(findings.get(sub, ()))) for *_, sub, code, name, state in parts)
        code = _sender([unit.code for unit in units], who.code)
        yield Receipt(
            KIND, FORMAT, version("cunhui"), year, code, places.get(code, Path(file).stem), sha256, file,
            who.code, who.name, settings.collection.timezone, received_at.astimezone(UTC), _state(units), units,
        )  # fmt: skip


def _state(units: Sequence[Answer]) -> str:
    """The package's: accepted when all its units count, superseded when a later one took the place of some."""
    states = {unit.state for unit in units}
    if states <= set(COUNTING):
        return "accepted"
    return "superseded" if states <= {*COUNTING, "superseded"} else "returned"


def _sender(codes: Sequence[str], whole: str) -> str:
    """The place that all the units lie in, right below the whole where it is so; '' where there is none."""
    for digits in sorted(level.digits for level in between(level_of(whole)).values()):
        found = {code[:digits] for code in codes if code}
        if len(found) == 1:
            return found.pop()
    return ""
