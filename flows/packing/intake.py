"""A package among what was received: checked, then taken for what its units sent, a submission each."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from flows.packing.check import NEWER, Checked, check_package
from flows.packing.manifest import MANIFEST, begins_with
from flows.packing.units import Asked
from flows.reading.records import Reading, Received, Wanted
from schemas.errors import InputError
from schemas.findings import Finding

KEYS = "keys"
"""The folder in the inputs with the public keys (*.pub) of those who sign their packages."""
_MOST_NAMED = 5


def is_package(file: Received) -> bool:
    """Whether its bytes begin as those of a package do."""
    return begins_with(file, MANIFEST)


def keys_of(inputs: Path) -> list[Path]:
    """The public keys that this office knows."""
    return sorted((inputs / KEYS).glob("*.pub"))


def read_package(file: Received, wanted: Wanted, keys: Sequence[Path]) -> Reading:
    """The reading of a package: a part for each unit, each with whatever must be mended of the whole.

    One that cannot be opened has one blocking finding and no part.
    """
    whole = Reading(file.sha256, file.file, "package")
    try:
        checked = check_package(Path(file.path), keys, Asked([*wanted.indicators], [*wanted.lists]))
    except InputError as error:
        why = str(error).removeprefix(file.path).strip()
        code = "PACKAGE_NEWER" if why.startswith(NEWER) else "PACKAGE_DAMAGED"
        return msgspec.structs.replace(whole, findings=[Finding(code, details={"why": why})])
    if keys and not checked.signed_by and not any(one.code == "PACKAGE_SIGNATURE" for one in checked.findings):
        checked.findings.append(Finding("PACKAGE_SIGNATURE"))
    blocking = [*checked.must, *_otherwise_meant(checked, wanted)]
    if not checked.units:
        return msgspec.structs.replace(whole, findings=blocking)
    for unit in checked.units:  # what is wrong with the whole is wrong with each
        unit.findings = [*blocking, *unit.findings]
    return msgspec.structs.replace(whole, parts=checked.units)


def _otherwise_meant(checked: Checked, wanted: Wanted) -> list[Finding]:
    """Codes under which the sender asks something else than this office."""
    differing = [
        f"{code} {name}（{unit}）"
        for code, (name, unit) in checked.indicators.items()
        if (here := wanted.indicators.get(code)) and (here.name, here.unit) != (name, unit)
    ]
    if not differing:
        return []
    more = f" 等 {len(differing)} 项" if len(differing) > _MOST_NAMED else ""
    return [Finding("PACKAGE_FORM", raw="、".join(differing[:_MOST_NAMED]) + more)]


def roster_of(packages: Sequence[Path]) -> list[dict[str, str]]:
    """The units of some packages as lines of a roster, by code.

    Raises InputError for what is none or may not be taken, and where two packages have the same unit.
    """
    found: dict[str, tuple[Path, dict[str, str]]] = {}
    for path in packages:
        checked = check_package(path)
        if wrong := checked.must:
            raise InputError(f"{path} 不能收：{wrong[0].message('')}")
        for line in checked.roster:
            if (before := found.get(line["code"])) is not None:
                raise InputError(f"{before[0]} 和 {path} 里都有 {line['name']} {line['code']}")
            found[line["code"]] = path, line
    return [line for _, (_, line) in sorted(found.items())]
