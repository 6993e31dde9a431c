"""targets.toml: what the township sets out to reach, year by year."""

from decimal import Decimal
from pathlib import Path

from schemas.catalogue import Catalogue
from schemas.errors import InputError
from schemas.expressions import fits
from schemas.faults import Faults, nearest
from schemas.toml import Document, convert, read_toml

WHOSE = "乡镇"
"""The key of targets.toml that says whose targets these are."""


def load_targets(inputs: Path, year: int, catalogue: Catalogue) -> dict[str, Decimal]:
    """Next year's targets as written in that year's targets.toml, by target code; {} when there is no file.

    Raises InputError with a line for every fault.
    """
    path = inputs / str(year) / "targets.toml"
    if not path.exists():
        return {}
    document, faults = read_toml(path), Faults()
    names = {target.name: code for code, target in catalogue.targets.items()} | {c: c for c in catalogue.targets}
    targets: dict[str, Decimal] = {}
    for key, written in document.items():
        if key == WHOSE:
            continue
        if key not in names:
            faults.lines.append(document.fault((key,), f"没有叫 {key} 的目标", nearest(key, names)))
            continue
        target = catalogue.targets[names[key]]
        value = faults.collect(convert, written, Decimal, document, (key,))
        if target.code in targets:
            faults.lines.append(document.fault((key,), f"{target.name}前面已经写过"))
        elif value is not None and (isinstance(written, str) or not value.is_finite()):
            faults.lines.append(document.fault((key,), f"{key} 写的是“{written}”", "应为数字，不加引号"))
        elif value is not None and not fits(value):
            faults.lines.append(document.fault((key,), f"{key} 写的是 {value}", "应为登记得下的数，没有这么大"))
        elif value is not None and value != value.quantize(Decimal(1).scaleb(-target.decimals)):
            allowed = f"最多 {target.decimals} 位小数" if target.decimals else "应为整数"
            faults.lines.append(document.fault((key,), f"{key} 写的是 {value}", f"{allowed}，单位{target.unit}"))
        targets[target.code] = value if value is not None else Decimal(0)
    faults.refuse()
    return targets


def others_targets(inputs: Path, year: int, name: str) -> None:
    """Raise InputError where the year's targets say that they are another township's: none of them is printed."""
    path = inputs / str(year) / "targets.toml"
    whose = read_toml(path) if path.exists() else {}
    if isinstance(whose, Document) and whose.get(WHOSE, name) != name:
        raise InputError(whose.fault((WHOSE,), f"这是“{whose[WHOSE]}”的目标，不是“{name}”的", f"请换成{name}的目标"))
