"""What several test files share."""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pebble import ProcessPool

from flows import steps
from flows.reading.apart import Apart
from flows.reading.read import FILES_PER_PROCESS, Done, Readers
from flows.reading.records import Reading, Received, Wanted
from flows.store import store as stores
from flows.store.area_views import make_views
from flows.store.figures import Book
from schemas.catalogue import Catalogue
from tests import libreoffice
from tests.books import make_book
from tests.browsing import chromium
from tests.returning import YEAR

# Hundreds of processes are started; where bytecode is switched off, each would compile the whole project anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Thousands of tests and what they import stay to the end: the garbage collector need not look at them so often.
gc.set_threshold(50_000, 20, 50)

ROOT = Path(__file__).parents[1]
LONG = (
    "test_serve", "test_crash", "test_dask", "test_page", "test_county", "test_surroundings", "test_rebuild",
    "test_township_run", "test_revisions", "test_unchanged", "test_messy_corpus", "test_returns", "test_histories",
    "test_signals", "test_golden", "test_second_township", "test_reading_only", "test_verify", "test_story",
)  # fmt: skip
"""Files that take longest, or mostly wait: begun first, so that no core is left alone with one of them at the end."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half as many again as there are cores, for servers, browsers and killed processes are mostly waited for. With
    three on two cores the whole takes 13:26, with four no less (November 2026)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, in that order."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


KEPT_READERS = 3
"""How many sets of reading processes wait: those of this year, of the last one, and of a catalogue of its own."""


@pytest.fixture(scope="session", autouse=True)
def kept_readers() -> Iterator[None]:
    """Reading processes that outlive a run in this process: to start one costs 0.25 s of a processor (2026-11), the
    tenth part of a small run. What starting and ending them must do is tested where it happens, and by the commands.
    """
    kept: dict[tuple[bytes, int], Readers] = {}

    def read_files(
        files: Sequence[Received], wanted: Wanted, workers: int, on_done: Done | None = None
    ) -> Iterator[Reading]:
        workers = min(workers, max(1, len(files) // FILES_PER_PROCESS))
        what = msgspec.msgpack.encode(wanted), workers
        kept[what] = readers = kept.pop(what, None) or Readers(wanted, workers)
        if len(kept) > KEPT_READERS:
            kept.pop(next(iter(kept))).close()
        yield from readers.read(files, on_done)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(steps, "read_files", read_files)
        yield
    for readers in kept.values():
        readers.close()


@pytest.fixture(scope="session", autouse=True)
def kept_apart() -> Iterator[None]:
    """Guarded processes for what is no form that outlive whom they were started for: one that has opened a package has
    loaded DuckDB and pandas for 1.5 s of a processor (2026-11), and a county's test opens four. They stand in the
    folder in which they were started. What starting and ending them must do is tested where it happens.
    """
    kept: dict[tuple[int, str], ProcessPool] = {}
    call = Apart.__call__

    def borrowed(self: Apart, work: Callable[..., Any], *given: Any) -> Any:
        self._pool = self._pool or kept.pop((self.memory, os.getcwd()), None)
        return call(self, work, *given)

    def given_back(self: Apart, *_: object) -> None:
        if self._pool is not None and (other := kept.pop((self.memory, os.getcwd()), None)):
            ended(other)
        if self._pool is not None:
            kept[self.memory, os.getcwd()] = self._pool

    def ended(pool: ProcessPool) -> None:
        pool.stop()
        pool.join()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Apart, "__call__", borrowed)
        patched.setattr(Apart, "__exit__", given_back)
        yield
    for pool in kept.values():
        ended(pool)


@pytest.fixture(scope="session", autouse=True)
def made_store(tmp_path_factory, catalogue: Catalogue) -> Iterator[None]:
    """A new store begins as a copy of an empty one that has its tables and views, those of the sample's areas too: to
    make them anew costs 0.3 s of a processor (2026-11), the sixth part of a small run. What makes them is tested by
    the commands, as processes, and by catalogues of their own.
    """
    empty = tmp_path_factory.mktemp("store") / "empty.duckdb"
    store = stores.Store(empty)
    store.db.execute("INSERT INTO base.whole VALUES (0, 'township', '')")
    make_views(store, catalogue, YEAR)
    store.db.execute("DELETE FROM base.whole")
    store.close(agrees=False)  # it has not seen the journal yet that will lie beside its copies
    opened = stores.open_store

    def open_store(path: Path) -> stores.Connection:
        if path.parent.is_dir() and not path.exists():
            shutil.copyfile(empty, path)
        return opened(path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stores, "open_store", open_store)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_libreoffice() -> Iterator[None]:
    """Whichever test has it started, it ends with the last."""
    yield
    libreoffice.end()


@pytest.fixture(scope="session", autouse=True)
def light_children(tmp_path_factory) -> Iterator[None]:
    """Processes that tests start find this program wherever they are, but no hypothesis: pandera loads it, and pytest
    with it, where they are installed, for 0.33 s of a processor in each (2026-11); a township has neither.
    """
    folder = tmp_path_factory.mktemp("light")
    (folder / "hypothesis.py").write_text("raise ImportError\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(folder))), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory) -> str:
    """One home for Prefect, so that its database is made once."""
    return str(tmp_path_factory.mktemp("prefect"))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The real catalogue."""
    return Catalogue()


@pytest.fixture(scope="session")
def book(catalogue: Catalogue) -> Book:
    """A complete year of the sample township's fifteen villages."""
    return make_book(catalogue)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One browser for all pages."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver
