"""`cunhui report promote`: a figure that the clerk gave by hand is collected from now on, as an indicator."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.binding.renamed import rename_slots
from flows.exchange.added import Added, Wanted, add
from flows.template.supplements import path_of, renamed, write_supplements
from flows.template.templates import templates_of
from flows.values.characters import printable
from schemas.catalogue import OWN, Catalogue
from schemas.errors import InputError
from schemas.faults import nearest
from schemas.inputs import Inputs, load_inputs
from schemas.roster import TOWNSHIP, VILLAGES, reporters
from schemas.supplements import Supplement, given_in
from schemas.township import UNSPEAKABLE


@dataclass(frozen=True, slots=True)
class Promotion:
    """A figure given by hand and what it becomes: in which area, reported by whom; a new name, if it gets one.

    `place` says where a clerk decided it.
    """

    figure: str
    area: str
    reporter: str
    name: str = ""
    unit: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """What was added from the year `since` on, and the files in which a name was changed."""

    added: Added
    since: int
    changed: tuple[Path, ...]


def promote_command(
    figure: str, area: str | None, reporter: str | None, name: str | None, since: int | None, inputs: str,
    year: int | None,
) -> int:  # fmt: skip
    """Promote one figure and say what is to be done next. Raises InputError where it cannot be."""
    folder = Path(inputs)
    known = load_inputs(folder, year)
    asked = Promotion(figure, area or "", reporter or "", name or "")
    done = promote(folder, known, [asked], since or known.year, datetime.now())
    for line in told(done, folder):
        print(printable(line))
    return 0


def promote(inputs: Path, known: Inputs, asked: Sequence[Promotion], since: int, now: datetime) -> Promoted:
    """Write them all into the township's catalogue, whole or not at all; a new name is written in its templates and
    workbooks too, where the values given so far stay. Raises InputError with every fault.

    Last year's value stays beside this year's where one office or the township reports it.
    """
    figures = [_figure(each, known, inputs, since) for each in asked]
    wanted = [_wanted(each, figure) for each, figure in zip(asked, figures, strict=True)]
    names = {each.figure: one.name for each, one in zip(asked, wanted, strict=True) if one.name != each.figure}
    added = add(inputs, wanted, since, known.catalogue, known.units, now)
    return Promoted(added, since, tuple(_renamed(inputs, known.year, since, names)) if names else ())


def _figure(asked: Promotion, known: Inputs, inputs: Path, since: int) -> Supplement:
    own = known.own.figures
    found = own.get(asked.figure) or next((f for f in given_in(inputs, since - 1) if f.name == asked.figure), None)
    if found is None:
        hint = nearest(asked.figure, own) or "先运行 cunhui report figures"
        raise InputError(f"{known.year} 年的补充数里没有“{asked.figure}”，{hint}")
    if asked.name and found.place.startswith("township.toml"):
        raise InputError(f"“{asked.figure}”写在 township.toml 的 [report] 里：请先在那里和模板里改好名称，再转为指标")
    if set(asked.name) & UNSPEAKABLE:
        raise InputError(f"名称“{asked.name}”里有不能用的符号，不含 {{ }} | ？")
    if not asked.area or not asked.reporter:
        catalogue = known.catalogue
        raise InputError(
            f"“{asked.figure}”转为指标，要写明 --area 类别（{'、'.join(catalogue.areas)}）"
            f"和 --reporter 由谁填报（{'、'.join(reporters(catalogue))}）"
        )
    return found


def _wanted(asked: Promotion, figure: Supplement) -> Wanted:
    values = [value for value in (figure.value, figure.last) if value is not None]
    decimals = max((-int(value.as_tuple().exponent) for value in values), default=0)
    name = asked.name or asked.figure
    definition = figure.meaning or (f"{name}，按{figure.source}填报。" if figure.source[:1] not in ("", "《") else name)
    return Wanted(
        name, figure.unit or asked.unit, definition, asked.area, asked.reporter, max(0, decimals), asked.place
    )


def _renamed(inputs: Path, year: int, since: int, names: dict[str, str]) -> Iterator[Path]:
    for each in sorted({year, since, since - 1}):
        figures = given_in(inputs, each)
        if any(figure.name in names for figure in figures):
            yield write_supplements(path_of(inputs, each), renamed(figures, names))
    yield from (path for path in templates_of(inputs) if rename_slots(path, names))


def told(done: Promoted, inputs: Path) -> Iterator[str]:
    """What was done, what is to be done next, how it is taken back."""
    catalogue: Catalogue = done.added.catalogue
    for code in done.added.codes:
        item = catalogue.indicators[code]
        who = VILLAGES if item.reporter == "village" else TOWNSHIP
        if item.office in catalogue.offices and item.office:
            who = catalogue.offices[item.office].name
        yield f"已转为指标：{code} {item.name}（{item.unit}），{item.area}，从 {done.since} 年起由{who}填报。"
        if item.reporter == "village":
            yield "  上年数是本级自己给的，和各村合计的口径不同，不作为上年数。"
        if item.definition == item.name:
            yield f"  没有口径：请在目录里补上（cunhui catalogue export），填报的人才知道“{item.name}”怎么算。"
    if done.changed:
        yield f"改了名称的文件：{'、'.join(map(str, done.changed))}"
    yield f"下一步：cunhui forms --year {done.since} 重新生成空白报表，发给填报的人。"
    kept, own = done.added.kept, inputs / OWN
    back = f"再把 {kept} 改名为 {own.name}" if kept else "内置目录就照旧"
    yield f"撤回：把 {own} 移走，{back}；模板和补充数表不用改。"
