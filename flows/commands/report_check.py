"""`cunhui report check`: what a run would refuse of a template, and what else its slots leave to do."""

import json
import sys
from pathlib import Path

from flows.binding.check import Check, check
from flows.commands.screen import words
from flows.template.audit import constants_of
from flows.template.constants import declare
from flows.template.refusals import Ground
from schemas.inputs import load_inputs


def check_command(
    file: str, as_json: bool = False, inputs: str = "inputs", year: int | None = None, declaring: bool = False
) -> int:
    """Check one template and show what is to do. Returns the exit status: 0 nothing, 3 something.

    With `declaring`, the words that may be ways of speaking are declared beside the template first.
    """
    found = check(file, ground_of(Path(inputs), Path(file), year))
    if declaring and found.prose:
        print(f"已写进 {declare(Path(file).parent, found.prose)}：{'、'.join(found.prose)}", file=sys.stderr)
        found = check(file, ground_of(Path(inputs), Path(file), year))
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _show(found)
    return found.status


def ground_of(inputs: Path, template: Path | None, year: int | None = None) -> Ground:
    """What a template's slots may name and its wording may say in this township and year.

    Without a template, what stands beside one is left out.
    """
    given = load_inputs(inputs, year)
    names = [unit.name for unit in given.units if unit.expected_in(given.year)]
    constants = constants_of(given.catalogue, template, [*names, given.settings.township.name])
    return Ground(given.catalogue, given.own, given.settings, constants, given.year)


def _show(found: Check) -> None:
    from rich.box import SIMPLE_HEAD  # heavy: rich
    from rich.console import Console  # heavy: rich
    from rich.table import Table  # heavy: rich

    table = Table("类别", "段落", "原文", "说明", box=SIMPLE_HEAD)
    kinds = (("不能生成", found.refused), ("未核对", found.unresolved), ("重复", found.twice))
    for kind, remarks in kinds:
        for remark in remarks:
            table.add_row(kind, str(remark.paragraph), words(remark.slot), words(remark.words))
    if table.row_count:
        Console().print(table)
    if found.unused:
        print(f"没有用到的（{len(found.unused)} 项）：{'、'.join(found.unused)}")
    if found.prose:
        print(f"可能是固定的说法、不是数的（{len(found.prose)} 处）：{'、'.join(found.prose)}；"
              "都是的，加 --declare 再运行一次，写进模板旁边的 report_constants.toml。")  # fmt: skip
    counts = "，".join(f"{kind} {len(remarks)} 处" for kind, remarks in kinds if remarks)
    print(f"共 {found.slots} 处插入：" + (counts or "都认识，没有重复") + "。")
    if found.refused:
        print("这样的模板，cunhui run 不生成工作总结：请按上面的说明逐处修改。")
