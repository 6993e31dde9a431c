"""`cunhui run --dask`: two real workers read and check the workbooks, and all comes out as if done here."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.commands import cli
from flows.inbox.archive import keep
from flows.reading import cluster, parcel
from flows.reading.read import read_files
from flows.reading.wanted import wanted_of
from flows.store.store import TABLES
from schemas.catalogue import Catalogue
from schemas.errors import InputError, ServerError
from tests.office import SAMPLE, small_inputs

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds; for a loaded PC
CATALOGUE = Catalogue()
WANTED = wanted_of(CATALOGUE, 2023)
# In every process: a file's content may kill whoever reads it.
DEADLY = "from flows.reading import child as inside\nfrom tests import deadly\ninside.read_batch = deadly.read_batch\n"
# The command, with a clock that stands still, for when a file came in is printed.
COMMAND = """
import sys
import flows.steps, flows.inbox.ledger, flows.judging.elsewhere
from tests.crashing import Stopped
here, check = [], flows.judging.elsewhere.check
flows.judging.elsewhere.check = lambda chunk, *given: here.extend(chunk) or check(chunk, *given)
flows.steps.datetime = flows.inbox.ledger.datetime = Stopped
from flows.commands import cli
status = cli.main(sys.argv[1:])
loaded = {name.partition(".")[0] for name in sys.modules} & {"dask", "distributed", "prefect_dask"}
print("checked here:", len(here), file=sys.stderr)
print("dask modules:", sorted(loaded), file=sys.stderr)
sys.exit(status)
"""
LOCAL = ("--host", "127.0.0.1", "--no-dashboard")
NOWHERE = "http://127.0.0.1:9"  # a proxy that swallows calls to Prefect's server, which other PCs do not reach


class Office:
    """A scheduler and two workers, the first under Dask's nanny, the second without; processes that can be ended."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, dict[str, subprocess.Popen[bytes]]()
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(DEADLY)
        self.start("scheduler", "--port", "0", "--scheduler-file", str(folder / "scheduler.json"))
        self.start_worker("first")
        self.start_worker("second", "--no-nanny")
        until((folder / "scheduler.json").exists)
        self.address = until(self._address)

    def _address(self) -> str:
        try:
            return json.loads((self.folder / "scheduler.json").read_text())["address"]
        except json.JSONDecodeError:  # half written
            return ""

    def start_worker(self, name: str, *options: str, program: Path = ROOT) -> None:
        place = "--scheduler-file", str(self.folder / "scheduler.json"), "--local-directory", str(self.folder / name)
        self.start("worker", *place, "--nthreads", "1", "--name", name, *options, name=name, program=program)

    def start(self, what: str, *options: str, name: str = "", program: Path = ROOT) -> None:
        left_out = {key for key in os.environ if key.startswith("PREFECT") or key.lower() == "no_proxy"}
        kept = {key: value for key, value in os.environ.items() if key not in left_out}
        told = {
            "PYTHONPATH": f"{self.folder / 'site'}:{program}:{os.environ['PYTHONPATH']}",
            "PREFECT_HOME": str(self.folder / "prefect"),
        }
        with self.log(name or what).open("wb") as log:
            self.started[name or what] = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *LOCAL, *options], cwd=self.folder,
                env={**kept, **told, "HTTP_PROXY": NOWHERE}, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def parcels(self, name: str) -> int:
        """How many parcels a worker has read."""
        return self.log(name).read_text(encoding="utf-8").count("Finished in state Completed")

    def kill(self, name: str) -> None:
        process = self.started.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @property
    def lanes(self) -> int:
        """How many workers have been started and not killed."""
        return len(self.started.keys() - {"scheduler"})

    def ready(self, lanes: int) -> bool:
        """Whether the cluster can be used, and has so many."""
        try:
            return cluster.reach(self.address) == lanes
        except InputError:
            return False

    def run(self, inputs: Path, outputs: Path, home: str, *options: str) -> subprocess.Popen[str]:
        """`cunhui run` in a process of its own."""
        arguments = ["run", "--inputs", str(inputs), "--outputs", str(outputs), *options]
        told = {"PYTHONPATH": f"{self.folder / 'site'}:{os.environ['PYTHONPATH']}", "PREFECT_HOME": home}
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments], cwd=ROOT, env={**os.environ, **told}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip


def until(condition: Callable[[], Any]) -> Any:
    """The condition's value, as soon as it is true."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value


def command_lines() -> Iterator[str]:
    """Of all processes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            yield path.read_text(encoding="utf-8", errors="replace")


def contents(outputs: Path) -> dict[str, object]:
    """Every row of the store, numbers of submissions and all, and the bytes of every file."""
    with duckdb.connect(str(outputs / "cunhui.duckdb"), read_only=True) as db:
        tables = *TABLES, "total", "inbox"
        rows = {name: db.execute(f"SELECT * FROM base.{name} ORDER BY ALL").fetchall() for name in tables}
    files = (path for part in ("2023", "archive") for path in sorted((outputs / part).rglob("*")) if path.is_file())
    return rows | {str(path.relative_to(outputs)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Office]:
    somewhere = Office(tmp_path_factory.mktemp("dask"))
    try:
        until(lambda: somewhere.ready(somewhere.lanes))
        yield somewhere
    finally:
        for name in list(somewhere.started):
            somewhere.kill(name)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> Path:
    """The sample without its history, and two files that are deadly to read."""
    units = sorted(path.stem for path in (SAMPLE / "2023" / "submissions").iterdir())
    inputs = small_inputs(tmp_path_factory.mktemp("office"), units)
    for name in ("年度工作总结模板.docx", "2023/targets.toml"):
        shutil.copy(SAMPLE / name, inputs / name)
    for content in ("abort", "memory"):
        (inputs / "2023" / "submissions" / f"{content}.xlsx").write_text(content)
    return inputs


@pytest.fixture(scope="module")
def here(office, inputs, prefect_home, tmp_path_factory) -> dict[str, object]:
    """What a run on this PC makes of it; Dask is not even imported."""
    outputs = tmp_path_factory.mktemp("here")
    run = office.run(inputs, outputs, prefect_home)
    said = run.communicate(timeout=PATIENCE)
    assert (run.returncode, said[1]) == (0, "checked here: 27\ndask modules: []\n"), said
    found = contents(outputs)
    assert len(found["fact"]) > 1500 and "2023/年度工作总结.docx" in found
    return found


def assert_same(outputs: Path, here: dict[str, object]) -> None:
    there = contents(outputs)
    assert [name for name in here if here[name] != there.get(name)] == []
    assert there.keys() == here.keys()


def test_township_read_and_checked_by_two_workers_of_which_one_is_killed_comes_out_the_same_to_the_byte(
    office, inputs, here, prefect_home, tmp_path
):
    def reading() -> bool:
        """Whether any program still reads what the worker was sent."""
        return any("read_folder" in line and str(office.folder / "second") in line for line in command_lines())

    run = office.run(inputs, tmp_path, prefect_home, "--dask", office.address)
    until(lambda: office.parcels("second") > 0 and reading())
    worker = office.started.pop("second")
    worker.kill()  # it alone: what it has started must see that by itself
    worker.wait()
    said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, said
    assert said[1] == "checked here: 0\ndask modules: ['dask', 'distributed', 'prefect_dask']\n"
    assert "应报 25 个单位，已采用 25 个" in said[0]
    assert_same(tmp_path, here)
    assert [row[3] for row in here["finding"] if row[3].startswith("FILE_")] == ["FILE_READER_DIED"] * 2
    assert office.parcels("first") + office.parcels("second") >= 9, "at least four parcels for each worker"
    until(lambda: not reading())


def test_worker_with_another_program_is_refused_by_name(office, tmp_path, capsys):
    for part in ("flows", "schemas", "tests"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "benchmarks"))
    with (tmp_path / "schemas" / "others.toml").open("a") as catalogue:
        catalogue.write("# another year's\n")
    lanes = office.lanes
    until(lambda: office.ready(lanes))
    office.start_worker("other", "--no-nanny", program=tmp_path)
    try:
        until(lambda: not office.ready(lanes))
        assert cli.main(["run", "--outputs", str(tmp_path / "o"), "--dask", office.address]) == 2
    finally:
        office.kill("other")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Dask 的工作机 tcp://127.0.0.1:" in said and "与本机版本不同（村汇 " in said
    assert f"，本机 {parcel.program()['村汇']}）" in said
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(("name", "theirs"), [("Python", "3.10"), ("python-calamine", "0.8"), ("村汇", "0")])
def test_worker_that_joined_later_with_another_program_is_refused_when_it_is_sent_something(monkeypatch, name, theirs):
    sent = parcel.pack((), WANTED, parcel.program())
    monkeypatch.setattr(cluster, "ready", lambda: parcel.program() | {name: theirs})
    with pytest.raises(InputError, match=f"版本不同（{name} {theirs}，本机 "):
        cluster.read_parcel(sent)


@pytest.mark.parametrize(
    ("address", "seconds"),
    [("tcp://127.0.0.1:9", cluster.SECONDS), ("没有的电脑:8786", 0.5), ("http://127.0.0.1:9", 0.5)],
)
def test_address_where_nobody_answers_is_one_line_and_exit_2(address, seconds, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cluster, "SECONDS", seconds)
    started = time.monotonic()
    assert cli.main(["run", "--outputs", str(tmp_path / "o"), "--dask", address]) == 2
    assert time.monotonic() - started < 15
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"错误：连不上 Dask 调度器 {address}")


@pytest.mark.parametrize("missing", ["distributed", "prefect_dask"])
def test_without_the_optional_packages_it_says_how_to_install_them(missing, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, missing, None)
    assert cli.main(["run", "--outputs", str(tmp_path / "o"), "--dask", "127.0.0.1:8786"]) == 2
    assert capsys.readouterr().err == '错误：用 --dask 要先装 Dask，请运行：pip install "cunhui[dask]"\n'


def received(folder: Path, *contents: bytes) -> list[Any]:
    return [kept(content, f"文件{number}.xlsx", folder) for number, content in enumerate(contents)]


def kept(data: bytes, name: str, folder: Path) -> Any:
    return keep(io.BytesIO(data), hashlib.sha256(data).hexdigest(), name, folder).received


def test_parcels_keep_the_order_and_are_as_many_as_readers_want_and_no_bigger_than_allowed(tmp_path, monkeypatch):
    files = received(tmp_path, *(b"x" * n for n in range(1, 26)))

    def sizes(lanes: int) -> list[int]:
        parcels = list(parcel.groups(files, lanes))
        assert [file for group in parcels for file in group] == files
        return [len(group) for group in parcels]

    assert sizes(2) == [3] * 8 + [1]
    assert sizes(100) == [1] * 25
    monkeypatch.setattr(parcel, "FILES", 2)
    assert sizes(1) == [2] * 12 + [1]
    monkeypatch.setattr(parcel, "BYTES", 30)
    assert max(sum(file.size for file in group) for group in parcel.groups(files, 1)) <= 30


def test_what_a_parcel_brings_back_equals_what_is_read_here(tmp_path, monkeypatch):
    """Also for a name that is no text, a file that is too big to be sent, and one that the archive has lost."""
    path = SAMPLE / "2023" / "submissions" / "三湾村.xlsx"
    no_text = b"\xc8\xfd\xcd\xe5.xlsx".decode("utf-8", "surrogateescape")
    files = [kept(path.read_bytes(), no_text, tmp_path), *received(tmp_path, b"", b"x" * 9)]
    files.append(parcel.Received(str(tmp_path / "gone"), "没有.xlsx", "0" * 64, 5))
    files.append(parcel.Received(str(tmp_path / "big"), "大.xlsx", "1" * 64, 1 << 40))
    sent = parcel.pack(files, WANTED, {})
    here = {reading.sha256: reading for reading in read_files(files, WANTED, workers=1)}
    assert parcel.unpack(parcel.read_apart(sent), files) == [here[file.sha256] for file in files]


def test_machine_that_fails_under_a_parcel_is_named(monkeypatch):
    monkeypatch.setattr("distributed.get_worker", lambda: type("Worker", (), {"local_directory": "/没有的文件夹"}))
    with pytest.raises(ServerError, match=r"的工作机 .*读不了报表（文件或文件夹已经不在）"):
        cluster.read_parcel(parcel.pack((), WANTED, parcel.program()))


class Lost:
    """A future whose cluster has no worker, or whose scheduler has gone."""

    def __init__(self, workers: dict[str, int] | OSError) -> None:
        self.wrapped_future = self.client = self
        self.workers = workers

    def done(self) -> bool:
        return False

    def wait(self, timeout: float) -> None:
        del timeout

    def nthreads(self) -> dict[str, int]:
        if isinstance(self.workers, OSError):
            raise self.workers
        return self.workers


@pytest.mark.parametrize(("workers", "words"), [({}, "已没有工作机"), (OSError("closed"), "连接断了")])
def test_cluster_that_is_lost_under_a_run_is_said_in_one_line(workers, words, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.1)
    with pytest.raises(ServerError, match=words) as said:
        cluster._answer(Lost(workers))
    assert "\n" not in str(said.value)
