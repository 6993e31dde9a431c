"""`cunhui report bind`: a report with blanks, or a finished one, becomes a template; the list says what is unsure."""

import json
import sys
from datetime import datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.binding.bind import bind, read_bound
from flows.binding.bound import Binding
from flows.binding.finished import is_finished, year_in
from flows.binding.order import Order
from flows.binding.report_file import WordReport, read_report
from flows.binding.review import CONTEXT, HEADS, NUMBER, cells_of, read_decisions
from flows.binding.surroundings import spots
from flows.commands.looking import look
from flows.commands.report_check import ground_of
from flows.commands.report_promote import Promotion, promote, told
from flows.commands.screen import words
from flows.store.book import load_book
from flows.store.figures import Book
from flows.template.constants import declare
from flows.template.refusals import Ground
from flows.template.supplements import merged, path_of, write_supplements
from flows.values.characters import printable
from schemas.catalogue import Catalogue, catalogue_of
from schemas.inputs import load_inputs
from schemas.outputs import PUBLISHED
from schemas.supplements import given_in
from schemas.targets import load_targets

ON_SCREEN = tuple(HEADS.index(head) for head in (NUMBER, "段落", CONTEXT, "拟填", "把握"))
AROUND, NEAR = HEADS.index(CONTEXT), 8
"""Characters on either side of a place: with them a row is one line of 80 columns."""


def bind_command(
    file: str, out: str | None = None, as_json: bool = False, inputs: str = "inputs", outputs: str = "outputs",
    year: int | None = None, apply: str | None = None,
) -> int:  # fmt: skip
    """Bind one file, or apply a review list to it, and show the result. Returns the exit status: 3 while some is left.

    A finished report is read against the figures of its year.
    """
    path, catalogue = Path(file), catalogue_of(Path(inputs))
    ground, book = _against(path, Path(inputs), Path(outputs), year, catalogue)
    decisions = None
    if apply:
        places = read_bound(path, catalogue, ground, book).places
        decisions = read_decisions(Path(apply), {blank.number: blank.context for *_, blank in places})
    binding = bind(path, catalogue, out, ground, book, decisions)
    kept = _keep(binding, Path(inputs), ground)
    promoted = _promote(binding, Path(inputs), ground, apply or "")
    report = read_report(path)
    if isinstance(report, WordReport) and report.template.is_tracked:
        print(f"{path} 里有修订痕迹：按全部接受以后的文字读；请先在 Word 里接受或拒绝再存盘", file=sys.stderr)
    if as_json:
        print(json.dumps(binding.as_json(), ensure_ascii=False, indent=1, default=str))
    else:
        show_binding(binding, kept)
        for line in promoted:
            print(printable(line))
    return binding.status


def _against(
    path: Path, inputs: Path, outputs: Path, year: int | None, catalogue: Catalogue
) -> tuple[Ground | None, Book | None]:
    """What a report is read against, settings and figures of its year; (None, None) where there are no settings.

    One with blanks is of the settings' year.
    """
    if not (inputs / "township.toml").exists():
        return None, None
    passages = read_report(path).passages
    # what an earlier binding declared beside the report would renumber its places
    ground = ground_of(inputs, None, year)
    finished = is_finished(passages, len(spots(passages, Order(catalogue))), ground)
    at = year or (year_in(passages) if finished else None) or ground.year
    return (ground if at == ground.year else ground_of(inputs, None, at)), _book(inputs, outputs, at)


def _book(inputs: Path, outputs: Path, year: int) -> Book | None:
    """The year's figures as last published; None where there are none."""
    if not (outputs / PUBLISHED).exists():
        return None
    with look(str(inputs), str(outputs), year) as (job, _):
        if not job.store.rows("SELECT 1 FROM base.unit WHERE year = ? LIMIT 1", [year]):
            return None
        targets = [load_targets(inputs, each, job.catalogue) for each in (year, year - 1)]
        return load_book(job.store, job.settings, year, *targets)


def _keep(binding: Binding, inputs: Path, ground: Ground | None) -> list[Path]:
    """The clerk's own figures in the year's workbook, prose with numbers beside the template; what was written."""
    kept = []
    if binding.prose:
        kept.append(declare(binding.out.parent, binding.prose))
    if binding.supplements and ground is not None:
        old = given_in(inputs, ground.year)
        kept.append(write_supplements(path_of(inputs, ground.year), merged(binding.supplements, old)))
    return kept


def _promote(binding: Binding, inputs: Path, ground: Ground | None, review: str) -> list[str]:
    """The clerk's own figures that were decided to be indicators, from the year after the report's; what was done.

    Those that were made one by an earlier applying are left.
    """
    wanted = [each for each in binding.promoting if ground and not ground.catalogue.find(each.name)]
    if not wanted or ground is None:
        return []
    asked = [
        Promotion(each.name, each.area, each.reporter, unit=each.unit, place=f"{review} 第 {each.row} 行")
        for each in wanted
    ]
    done = promote(inputs, load_inputs(inputs, ground.year), asked, ground.year + binding.finished, datetime.now())
    return list(told(done, inputs))


def _nearby(context: str) -> str:
    """A context cut to what a line of the screen holds of it, the place in the middle."""
    before, mark, rest = context.partition("【")
    inside, behind, after = rest.partition("】")
    return f"{before[-NEAR:]}{mark}{inside}{behind}{after[:NEAR]}"


def show_binding(binding: Binding, kept: list[Path]) -> None:
    """Print what is unsure as a table, what everything became, and where the files are."""
    if binding.unsure:
        table = Table(*(HEADS[at] for at in ON_SCREEN), box=SIMPLE_HEAD, title="请核对")
        for blank in binding.unsure:
            cells = cells_of(blank)
            table.add_row(*(words(_nearby(str(cells[at])) if at == AROUND else str(cells[at])) for at in ON_SCREEN))
        Console().print(table)
    unsure = len(binding.unsure)
    counts = {kind: sum(blank.kind == kind for blank in binding.blanks) for kind in ("own", "fixed")}
    if binding.finished:
        sure = len(binding.blanks) - unsure - sum(counts.values())
        print(f"共 {len(binding.blanks)} 处：{sure} 处确定，{unsure} 处请核对，补充数 {counts['own']} 个，"
              f"固定文字 {counts['fixed']} 处。")  # fmt: skip
    else:
        print(f"共 {len(binding.blanks)} 处空白：{len(binding.blanks) - unsure} 处确定，{unsure} 处请核对。")
    if binding.images:
        print(f"另有 {binding.images} 张没有图题的图片，照原样留着；如果画的是数，请自己换掉。")
    if unsure:
        print(f"请核对的在模板里写作 {{{{？名称}}}}，不改好不能生成报告：在核对单的“处理”一栏逐处选定，"
              f"再运行 cunhui report bind {binding.source} --apply {binding.review}")  # fmt: skip
    print(f"模板：{binding.out}")
    if binding.review.exists():
        print(f"核对单：{binding.review}")
    if binding.marked.exists():
        print(f"标出各处的原文（灰的确定，黄的请核对，都有批注）：{binding.marked}")
    for path in kept:
        print(f"另写了：{path}")
