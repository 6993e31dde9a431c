"""The world around: each bad environment is one Chinese line with what to do, the right status, and no traceback."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.commands import cli
from flows.store import published
from tests.crashing import contents, office
from tests.office import judge_steps, run_steps

FULL, DAMAGED = "磁盘满了", "坏了，打不开：请运行 cunhui rebuild"
WRITING = [("forms",), ("restore", "三湾村", "1"), ("close", "--by", "张三", "--why", "完", "--except", "大湾村")]
LOOKING = [("status",), ("trace", "低保户数"), ("sql", "SELECT count(*) FROM facts")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    inputs, outputs = office(tmp_path_factory.mktemp("office"))
    run_steps(inputs, outputs)
    return inputs.parent


@pytest.fixture
def place(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "office"))


def asked(place, capsys, *command):
    """The exit status and the one line that was said."""
    capsys.readouterr()
    status = cli.main([*command, "--inputs", str(place / "inputs"), "--outputs", str(place / "outputs")])
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert len(said.splitlines()) == (1 if status in (1, 2) else 0), said
    return status, said


# ---- the store


def overwritten(path, at=0):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"junk" * 4000)


def cut_off(path):
    os.truncate(path, path.stat().st_size // 2)


def without_its_blocks(path):
    """Only the headers are left as they were, which is all that opening looks at."""
    path.write_bytes(path.read_bytes()[:12_288] + b"junk" * ((path.stat().st_size - 12_288) // 4))


@pytest.mark.parametrize("harm", [overwritten, cut_off, without_its_blocks])
def test_damaged_store_is_said_with_the_command_that_makes_it_anew(harm, place, capsys):
    for path in (place / "outputs" / "cunhui.duckdb", place / "outputs" / "published" / "cunhui.duckdb"):
        harm(path)
    for command in WRITING:
        status, said = asked(place, capsys, *command)
        assert (status, DAMAGED in said) == (2, True), (command, said)
    for command in LOOKING:
        status, said = asked(place, capsys, *command)
        assert status == 2 and "坏了，打不开：请运行 cunhui r" in said, (command, said)


def test_store_that_another_program_holds_is_said_with_its_number(place, capsys):
    store = str(place / "outputs" / "cunhui.duckdb")
    code = f"import duckdb, sys; db = duckdb.connect({store!r}); print(1, flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    for command in WRITING:
        status, said = asked(place, capsys, *command)
        assert status == 2 and f"正被另一个程序打开（进程号 {holder.pid}）" in said
    holder.communicate()


@pytest.mark.parametrize(
    "words",
    [
        "Trying to read a database file with storage version number 99, but we can only read those up to 68.",
        "Trying to read a database file with version number 99, but we can only read versions between 64 and 68.",
    ],
)
def test_store_of_a_newer_version_is_said(words, place, capsys, monkeypatch):
    def newer(*_, **__):
        raise duckdb.IOException(f"IO Error: {words}")

    monkeypatch.setattr(duckdb, "connect", newer)
    for command in WRITING:
        status, said = asked(place, capsys, *command)
        assert status == 2 and "是更新的版本写的" in said and "请升级村汇" in said and "cunhui rebuild" in said


def test_folder_where_the_store_should_be_is_said(place, capsys):
    (place / "outputs" / "cunhui.duckdb").unlink()
    (place / "outputs" / "cunhui.duckdb").mkdir()
    assert asked(place, capsys, "forms") == (
        2,
        f"错误：{place / 'outputs' / 'cunhui.duckdb'} 应是文件，那里却是一个文件夹：请把它移走或改名，再运行一次\n",
    )


# ---- folders and disks


def test_file_where_the_years_folder_should_be_is_said(place, capsys):
    shutil.rmtree(place / "outputs" / "2023")
    (place / "outputs" / "2023").touch()
    status, said = asked(place, capsys, "forms")
    assert status == 2 and "却是一个文件：请把它移走或改名" in said


def test_file_where_the_outputs_should_be_is_said(place, capsys):
    shutil.rmtree(place / "outputs")
    (place / "outputs").touch()
    for command in WRITING:
        status, said = asked(place, capsys, *command)
        assert status == 2 and "却是一个文件：请把它移走或改名" in said


def test_outputs_on_a_read_only_disk_are_said(place, capsys):
    outputs = place / "outputs"
    subprocess.run(["mount", "--bind", str(outputs), str(outputs)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(outputs)], check=True)
    try:
        for command in WRITING:
            status, said = asked(place, capsys, *command)
            assert status == 2 and "只读" in said
    finally:
        subprocess.run(["umount", "-l", str(outputs)], check=True)


KINDS = [
    (errno.ENOSPC, 1, FULL),
    (errno.EROFS, 2, "所在的磁盘是只读的"),
    (errno.EACCES, 2, "正被别的程序打开"),
    (errno.ESTALE, 2, "共享文件夹或网络断了"),
    (errno.EHOSTDOWN, 2, "共享文件夹或网络断了"),
    (errno.ENOENT, 2, "共享文件夹断开了"),
    (errno.EIO, 1, "磁盘或网络有故障"),
]


@pytest.mark.parametrize(("number", "status", "words"), KINDS, ids=lambda value: str(value))
def test_disk_or_share_that_fails_while_writing_is_said_and_the_good_file_stays(
    number, status, words, place, capsys, monkeypatch
):
    before = contents(place / "outputs")["files"]
    whole = Path.write_bytes

    def fails(self, data):
        whole(self, data[: len(data) // 2])
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "write_bytes", fails)
    assert asked(place, capsys, "forms")[0] == status
    assert words in asked(place, capsys, "forms")[1]
    monkeypatch.undo()
    assert contents(place / "outputs")["files"] == before
    assert not [*(place / "outputs").rglob("*.tmp")]


def test_target_that_another_program_holds_open_is_named(place, capsys, monkeypatch):
    replace = os.replace

    def locked(source, target):
        if Path(target).suffix == ".xlsx":
            raise PermissionError(errno.EACCES, "in use", str(source), None, str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked)
    status, said = asked(place, capsys, "forms")
    assert status == 2 and ".xlsx 写不进去：可能正被表格软件打开，请关闭后重试" in said


def test_answer_that_cannot_be_written_leaves_the_earlier_one(place, capsys, monkeypatch, tmp_path):
    out = tmp_path / "答.csv"
    out.write_text("good", encoding="utf-8")
    monkeypatch.setattr(Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    for form in ("csv", "json", "xlsx"):
        status, said = asked(place, capsys, "sql", "SELECT 1", "--format", form, "--out", str(out))
        assert status == 1 and FULL in said
    assert out.read_text(encoding="utf-8") == "good"
    assert list(tmp_path.glob(".*")) == []


def test_disk_that_fills_up_at_every_write_in_turn_leaves_no_scraps_and_the_last_run_completes(tmp_path, monkeypatch):
    """Every file is written in vain once: half of it, its replacement, what is added to the journal. Each run goes on
    from what the one before has left, up to the next write that has not failed yet."""
    import flows.inbox.archive as archive

    write, replace, sync = Path.write_bytes, os.replace, os.fsync
    failed = set[tuple[str, str]]()
    inputs, outputs = office(tmp_path, ["大湾村"])
    judge_steps(inputs, tmp_path / "undisturbed")

    def strike(what: str, path: str | Path) -> None:
        name = Path(path).name
        if (what, name) not in failed:
            failed.add((what, name))
            raise OSError(errno.ENOSPC, "No space left on device")

    def half(self, data):
        try:
            strike("write", self)
        except OSError:
            write(self, data[: len(data) // 2])
            raise
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", half)
    monkeypatch.setattr(os, "replace", lambda *names: (strike("replace", names[1]), replace(*names))[1])
    monkeypatch.setattr(
        archive.os, "fsync", lambda number: (strike("sync", os.readlink(f"/proc/self/fd/{number}")), sync(number))[1]
    )
    runs, done = 0, False
    while not done:
        runs += 1
        try:
            run_steps(inputs, outputs)
            done = True
        except OSError as error:
            assert error.errno == errno.ENOSPC
        assert not [path for path in outputs.rglob("*") if path.suffix in (".tmp", ".part")]
    assert len(failed) > 15 and runs == len(failed) + 1
    assert contents(outputs)["totals"] == contents(tmp_path / "undisturbed")["totals"]


# ---- Prefect


def run(place, **environment):
    process = subprocess.run(
        [sys.executable, "-m", "flows.commands.cli", "run", "--inputs", "inputs", "--outputs", "outputs"],
        cwd=place, text=True, capture_output=True, env={**os.environ, **environment},
    )  # fmt: skip
    assert len(process.stderr.splitlines()) == 1, process.stderr
    return process.returncode, process.stderr


def test_home_of_prefect_that_cannot_be_written_is_said(place, tmp_path):
    (tmp_path / "file").touch()
    status, said = run(place, PREFECT_HOME=str(tmp_path / "file" / "home"))
    assert status == 2 and "PREFECT_HOME" in said and "请改指一个能写的文件夹" in said


def test_address_of_prefect_where_nobody_answers_is_said(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        status, said = run(place, PREFECT_API_URL=url)
    assert status == 2 and f"连不上 PREFECT_API_URL 指的 Prefect 服务 {url}" in said


def test_server_that_finds_no_port_is_said(place, tmp_path, monkeypatch):
    from flows.serving import server
    from schemas.errors import ServerError

    monkeypatch.setattr(server.sys, "executable", shutil.which("false"))
    with pytest.raises(ServerError, match="可能没有空闲的端口"):
        server.spawn(tmp_path, {})


# ---- the clock


def test_clock_that_was_set_back_changes_no_order_of_revisions(place, monkeypatch):
    from datetime import UTC, datetime

    from flows.inbox import ledger
    from flows.store.store import Store
    from tests.returning import YEAR, edit

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(ledger, "datetime", Earlier)
    edit(place / "inputs" / str(YEAR) / "submissions" / "三湾村.xlsx", {"I01": 47})
    judge_steps(place / "inputs", place / "outputs", publish=True)
    with Store(place / "outputs" / "cunhui.duckdb") as store:
        assert store.rows("SELECT revision, value FROM facts WHERE unit_name = '三湾村' AND indicator = 'I01'") == [
            (2, 47)
        ]
    assert published.query(place / "outputs", "SELECT max(revision) FROM facts").rows == [(2,)]
