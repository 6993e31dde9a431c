"""`cunhui report bind`: a report with blanks becomes a template, and the list says what is unsure."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from flows.binding.bind import bind
from flows.binding.review import HEADS, _cells
from schemas.catalogue import catalogue_of

if TYPE_CHECKING:
    from flows.binding.bound import Binding


def bind_command(file: str, out: str | None = None, as_json: bool = False, inputs: str = "inputs") -> int:
    """Bind one file and show the result. Returns the exit status: 0 all sure, 3 some are left to the clerk."""

    binding = bind(file, catalogue_of(Path(inputs)), out)
    show_binding(binding, as_json)
    return binding.status


ON_SCREEN = (0, 2, 3, 6, 8, 9)


def show_binding(binding: "Binding", as_json: bool) -> None:
    """Print the unsure blanks as a table and where the files are, or everything as JSON."""
    if as_json:
        print(json.dumps(binding.as_json(), ensure_ascii=False, indent=1))
        return
    from rich.box import SIMPLE_HEAD  # heavy: rich
    from rich.console import Console  # heavy: rich
    from rich.table import Table  # heavy: rich

    from flows.commands.screen import words  # heavy: rich

    if binding.unsure:
        table = Table(*(HEADS[at] for at in ON_SCREEN), box=SIMPLE_HEAD, title="请核对的空白")
        for blank in binding.unsure:
            cells = _cells(blank)
            table.add_row(*(words(str(cells[at])) for at in ON_SCREEN))
        Console().print(table)
    unsure = len(binding.unsure)
    print(f"共 {len(binding.blanks)} 处空白：{len(binding.blanks) - unsure} 处确定，{unsure} 处请核对。")
    if unsure:
        print("请核对的在模板里写作 {{？名称}}：对的去掉问号，不对的改成正确的名称。")
    print(f"模板：{binding.out}\n核对单：{binding.review}")
