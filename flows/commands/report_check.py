"""`cunhui report check`: what a template's slots leave to do."""

import json
from pathlib import Path

from flows.binding.check import Check, check
from schemas.catalogue import catalogue_of


def check_command(file: str, as_json: bool = False, inputs: str = "inputs") -> int:
    """Check one template and show what is to do. Returns the exit status: 0 nothing, 3 something."""
    found = check(file, catalogue_of(Path(inputs)))
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(found)
    return found.status


def _show(found: Check) -> None:
    from rich.box import SIMPLE_HEAD  # heavy: rich
    from rich.console import Console  # heavy: rich
    from rich.table import Table  # heavy: rich

    from flows.commands.screen import words  # heavy: rich

    table = Table("类别", "段落", "插入处", "说明", box=SIMPLE_HEAD)
    kinds = (("不认识", found.unknown), ("未核对", found.unresolved), ("空白", found.blanks), ("重复", found.twice))
    for kind, remarks in kinds:
        for remark in remarks:
            table.add_row(kind, str(remark.paragraph), words(remark.slot), words(remark.words))
    if table.row_count:
        Console().print(table)
    if found.unused:
        print(f"没有用到的（{len(found.unused)} 项）：{'、'.join(found.unused)}")
    counts = "，".join(f"{kind} {len(remarks)} 处" for kind, remarks in kinds if remarks)
    print(f"共 {found.slots} 处插入：" + (counts or "都认识，没有重复") + "。")
