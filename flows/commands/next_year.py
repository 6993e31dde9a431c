"""`cunhui next-year`: the folder of the year after, and the settings moved on to it."""

from pathlib import Path

from flows.starting.next_year import SETTINGS, begin_year, move_settings
from flows.store.journal import Happened, Journal, Line, Sent
from flows.template.supplements import carried, merged, path_of, write_supplements
from flows.values.characters import printable
from schemas.errors import InputError
from schemas.inputs import Inputs, load_inputs
from schemas.outputs import TEMPLATE
from schemas.roster import OFFICE
from schemas.supplements import given_in
from schemas.targets import load_targets
from schemas.township import LAST_YEAR


def begin_next_year(inputs: str, outputs: str, year: int | None, is_open: bool) -> int:
    """Make it, or say that it is there. Raises InputError while the year is neither closed nor given up as open."""
    folder = Path(inputs)
    known = load_inputs(folder, year)
    lines = Journal(Path(outputs)).read()
    there = _already(folder, known, lines)
    if there:
        for line in _told_again(folder, there, known.settings.collection.year):
            print(printable(line))
        return 0
    if not is_open and not _is_closed(lines, known.year):
        raise InputError(
            f"{known.year} 年还没有封存：收齐后先运行 cunhui close；要不等封存就建 {known.year + 1} 年，加 --open"
        )
    following = known.year + 1
    if following > LAST_YEAR:
        raise InputError(f"最多到 {LAST_YEAR} 年")
    name = known.settings.township.name
    village = next((unit.name for unit in known.units if unit.kind != OFFICE), name)
    made = begin_year(folder, following, name, village, known.catalogue)
    if given := given_in(folder, known.year):
        made.append(write_supplements(path_of(folder, following), merged(given_in(folder, following), carried(given))))
    moved = move_settings(folder, following) if known.settings.collection.year == known.year else []
    for line in _told(folder, known, made, moved):
        print(printable(line))
    return 0


def _already(folder: Path, known: Inputs, lines: list[Line]) -> int | None:
    """The year that was begun before: the one after, or the settings' own while nothing has come in for it."""
    if known.settings.collection.year > known.year and (folder / str(known.year + 1)).is_dir():
        return known.year + 1
    inbox = folder / str(known.year) / "submissions"
    begun = (folder / str(known.year - 1)).is_dir() and inbox.is_dir() and not any(inbox.iterdir())
    received = any(isinstance(line, Sent) and line.year == known.year for line in lines)
    return known.year if begun and not received and not _is_closed(lines, known.year) else None


def _is_closed(lines: list[Line], year: int) -> bool:
    """Whether the last word on the year is that it was closed."""
    done = [line.what for line in lines if isinstance(line, Happened) and line.year == year and line.what != "restore"]
    return bool(done) and done[-1] == "close"


def _told_again(folder: Path, year: int, current: int) -> list[str]:
    line = f"{year} 年的文件夹已经有了：{folder / str(year)}，{SETTINGS} 现为 {current} 年；没有改动。"
    return [line] if current != year else [line, f"收到的文件放进 {folder / str(year) / 'submissions'}。"]


def _told(folder: Path, known: Inputs, made: list[Path], moved: list[str]) -> list[str]:
    """What was made and moved on, what is carried over, what is left to be filled."""
    year, place = known.year + 1, folder / str(known.year + 1)
    lines = [f"已建好 {year} 年的文件夹 {place}：{'、'.join(path.name for path in made) or '原已齐全'}。"]
    if moved:
        lines.append(f"{SETTINGS} 已改：{'；'.join(moved)}。说明和其余各项没有动，[marks]、[report] 请看一遍。")
    lines.append(f"名册、目录、报告模板（{TEMPLATE}）照旧；有撤并、更名的，改 units.csv。")
    planned = load_targets(folder, known.year, known.catalogue)
    if planned:
        lines.append(
            f"{known.year} 年定的 {len(planned)} 项目标作为 {year} 年的计划数，完成情况印在汇总表和收报情况里。"
        )
    elif known.catalogue.targets:
        lines.append(f"{known.year} 年没有定 {year} 年的目标；有的写进 {folder / str(known.year) / 'targets.toml'}。")
    lines.append("下一步：cunhui forms 生成带上年数的空白报表。")
    return lines
