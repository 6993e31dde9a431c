"""Whether archive, journal, store, published copy and outputs agree; what does not, and the command that mends it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from flows.emit.record import changed_since
from flows.inbox.archive import ASIDE, holds
from flows.store.frozen import is_whole
from flows.store.journal import Journal, Sent, places
from flows.store.lock import hold
from flows.store.statements import sql_beside
from flows.store.store import Store, run
from flows.totals.add_up import add_up_within
from schemas.outputs import ARCHIVE, CLOSED, PUBLISHED, STORE

_SQL = sql_beside(__file__)
HEX = "[0-9a-f][0-9a-f]"
RUN, REBUILD, RESTORE = "cunhui run", "cunhui rebuild", "cunhui backup --restore 备份文件"


class Difference(msgspec.Struct, frozen=True):
    """What does not agree, where, and how it is mended."""

    kind: str
    where: str
    found: str
    mend: str


def verify(outputs: Path) -> list[Difference]:
    """Every difference; nothing is changed. The outputs are held meanwhile, so that no run moves anything."""
    if not (outputs / STORE).exists():
        lines = Journal(outputs).read()
        return [Difference("store", STORE, "没有数据库", REBUILD if lines else RUN)]
    with hold(outputs, wait=30), tempfile.TemporaryDirectory() as folder:
        found = [*_archive(outputs), *_journal(outputs)]
        copy = Path(shutil.copy(outputs / STORE, folder))  # what opens a store may write to it
        with Store(copy) as store:
            store.journal = Journal(outputs, silent=True)
            years = [year for (year,) in store.rows(_SQL["years"])]
            found += [*_originals(store, outputs), *_against_journal(store, outputs), *_published(store, outputs)]
            for year in years:
                found += [*_totals(store, outputs, year), *_outputs(store, outputs, year)]
    return found


def _archive(outputs: Path) -> Iterator[Difference]:
    """Every file of the archive has the bytes that its name says."""
    for folder in sorted((outputs / ARCHIVE).glob(HEX)):
        for path in sorted(folder.iterdir()):
            if path.suffix == ".part":
                yield Difference("archive", path.name, "是中断时留下的半个文件", f"可以删去：{path}")
            elif not holds(path, path.name.partition(".")[0]):
                yield Difference(
                    "archive", path.name, "内容和它的指纹不符", f"{RUN}（从收件夹重新存档），不行再 {RESTORE}"
                )
    aside = outputs / ARCHIVE / ASIDE
    if aside.is_dir() and (count := sum(1 for _ in aside.iterdir())):
        yield Difference("archive", ASIDE, f"有 {count} 个内容不对的原件已移到一边", "核对后可以删去")


def _journal(outputs: Path) -> Iterator[Difference]:
    for number in Journal(outputs).broken():
        yield Difference("journal", f"第 {number} 行", "不完整（写到一半断了，没有作数）", "不必处理")


def _originals(store: Store, outputs: Path) -> Iterator[Difference]:
    """Every stored submission has its bytes in the archive."""
    kept = {path.name.partition(".")[0] for path in (outputs / ARCHIVE).glob(f"{HEX}/*") if path.suffix != ".part"}
    for year, file, sha256 in store.rows(_SQL["originals"]):
        if sha256 not in kept:
            yield Difference(
                "archive", f"{year} 年 {file}", "原件不在存档里", f"{RUN}（收件夹里还有的会重新存档），不行再 {RESTORE}"
            )


def _against_journal(store: Store, outputs: Path) -> Iterator[Difference]:
    """Journal and store name the same submissions; a closed year's frozen figures are whole."""
    told = {line.place: line for line in places(Journal(outputs).read())}
    rows = store.rows(_SQL["placed"])
    known = {Sent(*row, part=part).place: row for *row, part in rows}
    for place in told.keys() - known.keys():
        yield Difference(
            "store", f"{place[0]} 年 {told[place].file}", "流水账里有，数据库里没有", f"{RUN}，不行再 {REBUILD}"
        )
    for place in known.keys() - told.keys():
        yield Difference("journal", f"{place[0]} 年 {known[place][5]}", "数据库里有，流水账里没有", RUN)
    for (year,) in store.rows(_SQL["closed"]):
        if not is_whole(outputs, year):
            yield Difference(
                "closed", f"{CLOSED}/{year}", "封存的数缺失或被改动", "cunhui close --reopen 开封后再封存一次"
            )


def _totals(store: Store, outputs: Path, year: int) -> Iterator[Difference]:
    """The totals are what the facts add up to, whole by whole; of a closed year, what they were when it was closed."""
    if (year,) in store.rows(_SQL["closed"]):
        return
    [(units,)] = store.rows(_SQL["units"], {"year": year})
    store.allow(units)
    with store.what_if() as db:
        run(db, _SQL["said"], {"year": year})
        rounding = store.rows("SELECT value FROM base.meta WHERE key = 'rounding'")
        add_up_within(db, year, rounding[0][0] if rounding else "none")
        differing = store.rows(_SQL["differing"], {"year": year})
    for code, indicator, name in differing:
        yield Difference("totals", f"{year} 年 {code} {indicator} {name}", "合计与各单位的数不符", RUN)


def _published(store: Store, outputs: Path) -> Iterator[Difference]:
    """What queries see is what the store has."""
    path = outputs / PUBLISHED
    if not path.exists():
        yield Difference("published", str(PUBLISHED), "没有供查询的副本", RUN)
        return
    with store.beside(path, "published"):
        for table in ("submission", "fact", "total", "finding", "event"):
            here, there = (
                store.rows(_SQL["contents"].replace("$table", name))
                for name in (f"base.{table}", f"published.base.{table}")
            )
            if here != there:
                yield Difference("published", f"{PUBLISHED} 的 {table}", "供查询的副本与数据库不符", RUN)


def _outputs(store: Store, outputs: Path, year: int) -> Iterator[Difference]:
    """Every emitted file is there, as it was written, and from the figures that the store has now."""
    for name, found in changed_since(store, outputs, year):
        yield Difference("outputs", f"{year}/{name}", found, RUN if found != "被改动过" else f"另存后删去，再 {RUN}")
