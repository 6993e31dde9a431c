"""Who only reads does not write: `status`, `trace`, `sql` and `report check` take no lock and wait for none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.commands import cli
from flows.store import published as publishing
from flows.store import reader
from flows.store.reader import published
from schemas.errors import InputError
from schemas.outputs import PUBLISHED, STORE
from tests.office import judge_steps, small_inputs
from tests.returning import edit

ROOT = Path(__file__).parents[2]
VILLAGE, OTHER = "三湾村", "大湾村"
READING = {
    "status": ["status", "--json"],
    "unit": ["status", "--unit", VILLAGE],
    "figure": ["trace", "低保户数"],
    "revisions": ["trace", "低保户数", VILLAGE],
    "query": ["sql", "SELECT count(*) AS n FROM facts", "--json"],
}
TEMPLATE = ["report", "check", str(ROOT / "inputs" / "年度工作总结模板.docx")]


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> tuple[Path, Path]:
    """三湾村 in two revisions, 大湾村 in one; all accepted and published."""
    folder = tmp_path_factory.mktemp("reading")
    inputs, outputs = small_inputs(folder, [VILLAGE, OTHER]), folder / "outputs"
    judge_steps(inputs, outputs)
    edit(inputs / "2023" / "submissions" / f"{VILLAGE}.xlsx", {"I01": 45})
    judge_steps(inputs, outputs, publish=True)
    return inputs, outputs


@pytest.fixture
def own(office, tmp_path) -> tuple[Path, Path]:
    """The same, to be changed."""
    return copied(office, tmp_path)


def copied(office: tuple[Path, Path], folder: Path) -> tuple[Path, Path]:
    inputs, outputs = (shutil.copytree(one, folder / one.name) for one in office)
    return inputs, outputs


def where(office: tuple[Path, Path]) -> list[str]:
    return ["--inputs", str(office[0]), "--outputs", str(office[1])]


def seen(folder: Path) -> dict[str, tuple]:
    """Every file and folder with its bytes and when it was changed; what access alone changes is left out."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *folder.rglob("*")]
    }


def status_of(office, capsys) -> dict:
    assert cli.main(["status", "--json", *where(office)]) in (0, 3)
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def run_going_on(office, tmp_path_factory):
    """Another process has the outputs folder and the store in its hands, in the middle of writing."""
    own = copied(office, tmp_path_factory.mktemp("going_on"))
    code = (
        "import sys; from pathlib import Path; from flows.store.lock import hold; from flows.store.store import Store\n"
        "folder = Path(sys.argv[1])\n"
        "with hold(folder), Store(folder / 'cunhui.duckdb') as store:\n"
        "    store.db.begin(); store.db.execute('DELETE FROM base.submission')\n"
        "    print('held', flush=True); sys.stdin.read(); store.db.rollback()\n"
    )
    arguments = [sys.executable, "-c", code, str(own[1])]
    with subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield own
        process.stdin.close()


@pytest.mark.parametrize("command", [*READING.values(), TEMPLATE], ids=[*READING, "template"])
def test_whoever_reads_waits_for_no_run_and_leaves_every_byte(run_going_on, command, capsys):
    before = seen(run_going_on[1])
    assert cli.main(command if command is TEMPLATE else [*command, *where(run_going_on)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out
    assert seen(run_going_on[1]) == before


def test_status_beside_a_run_says_that_it_is_from_before(run_going_on, capsys):
    told = status_of(run_going_on, capsys)
    assert [unit["state"] for unit in told["units"]] == ["accepted", "accepted"]
    assert any("正在汇总" in note for note in told["notes"])


def test_read_only_folder_is_read(own):
    for path in [*own[1].rglob("*"), own[1]]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    # Permissions do not bind root, under whom continuous integration runs, unless that power is put away.
    bound = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    denied = subprocess.run([*bound, "touch", str(own[1] / "x")], capture_output=True)
    code = (
        "import json, sys; from flows.commands import cli\n"
        "sys.exit(json.dumps([cli.main(command) for command in json.loads(sys.argv[1])]))\n"
    )
    commands = json.dumps([[*command, *where(own)] for command in READING.values()])
    done = subprocess.run([*bound, sys.executable, "-c", code, commands], cwd=ROOT, capture_output=True, text=True)
    for path in [own[1], *own[1].rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert denied.returncode
    assert done.stderr == f"{[0] * len(READING)}\n"


@pytest.mark.parametrize("trying", [False, True])
def test_the_published_copy_is_open_for_reading_alone(office, monkeypatch, trying):
    opened = []
    connect = duckdb.connect

    def connected(*arguments, **options):
        db = connect(*arguments, **options)
        opened.append((arguments[:1], options))
        return db

    monkeypatch.setattr(reader.duckdb, "connect", connected)
    with published(office[1], trying) as store:
        assert store.rows("SELECT count(*) FROM submissions") == [(3,)]
        for number in Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").is_dir() else ():
            if number.exists() and str(office[1]) in os.readlink(number):
                flags = int(Path(f"/proc/self/fdinfo/{number.name}").read_text().split()[3], 8)
                assert flags & os.O_ACCMODE == os.O_RDONLY
    assert all(options == {"read_only": True} or not arguments for arguments, options in opened)


def test_before_any_run_everybody_is_missing_and_nothing_is_made(tmp_path, capsys):
    inputs, outputs = small_inputs(tmp_path, [VILLAGE, OTHER]), tmp_path / "outputs"
    told = status_of((inputs, outputs), capsys)
    assert [(unit["name"], unit["state"]) for unit in told["units"]] == [(OTHER, "missing"), (VILLAGE, "missing")]
    assert told["notes"] == ["2023 年还没有汇总过"]
    assert not outputs.exists()


@pytest.mark.parametrize("command", list(READING.values())[1:], ids=list(READING)[1:])
def test_before_any_run_the_others_say_so_in_one_line(tmp_path, command, capsys):
    inputs, outputs = small_inputs(tmp_path, [VILLAGE]), tmp_path / "outputs"
    assert cli.main([*command, *where((inputs, outputs))]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "请先运行 cunhui run" in said.err
    assert not outputs.exists()


def test_another_year_is_missing_while_this_one_is_published(office, capsys):
    assert cli.main(["status", "--year", "2024", "--json", *where(office)]) == 3
    told = json.loads(capsys.readouterr().out)
    assert {unit["state"] for unit in told["units"]} == {"missing"}
    assert told["notes"] == ["2024 年还没有汇总过"]


def test_changed_roster_is_said_and_the_old_one_shown(own, capsys):
    path = own[0] / "units.csv"
    path.write_text(path.read_text("utf-8") + "990101101299,新村,村,山区,,,\n", "utf-8")
    told = status_of(own, capsys)
    assert [unit["name"] for unit in told["units"]] == [OTHER, VILLAGE]
    assert [note for note in told["notes"] if "units.csv" in note]
    judge_steps(*own, publish=True)
    assert [(unit["name"], unit["state"]) for unit in status_of(own, capsys)["units"]][-1] == ("新村", "missing")


def test_changed_limit_is_said_with_how_many_are_judged_again(own, capsys):
    path = own[0] / "township.toml"
    path.write_text(path.read_text("utf-8").replace("outlier_times = 5", "outlier_times = 6"), "utf-8")
    [note] = status_of(own, capsys)["notes"]
    assert "有 2 份报表要重新审核" in note
    judge_steps(*own, publish=True)
    assert status_of(own, capsys)["notes"] == []


def test_closed_year_keeps_its_roster_and_rules_without_a_word(own, capsys):
    assert cli.main(["close", "--by", "张三", "--why", "年报结束", *where(own)]) == 0
    capsys.readouterr()
    for name, old, new in (("units.csv", OTHER, "大弯村"), ("township.toml", "outlier_times = 5", "outlier_times = 6")):
        path = own[0] / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert status_of(own, capsys)["notes"] == []


def test_forms_publish_what_they_read_of_last_year(tmp_path, capsys):
    inputs, outputs = small_inputs(tmp_path, [VILLAGE]), tmp_path / "outputs"
    assert cli.main(["forms", *where((inputs, outputs))]) == 0
    assert (outputs / PUBLISHED).read_bytes() == (outputs / STORE).read_bytes()


def test_copy_of_an_earlier_version_is_read_with_the_views_of_this_one(own, capsys):
    with duckdb.connect(str(own[1] / PUBLISHED)) as db:
        db.execute("DROP VIEW unit_states; DROP VIEW states; DROP TABLE base.state")
        db.execute("UPDATE base.meta SET value = 'earlier' WHERE key = 'schema'")
    before = seen(own[1])
    for command in ("status", "unit", "figure", "revisions"):
        assert cli.main([*READING[command], *where(own)]) == 0
    with published(own[1]) as store:
        assert store.rows("SELECT DISTINCT state_word FROM unit_states") == [("已采用",)]
    assert seen(own[1]) == before


def test_copy_that_is_no_database_is_told_in_one_line(own, capsys):
    (own[1] / PUBLISHED).write_bytes(b"broken" * 1000)
    assert cli.main(["status", *where(own)]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "坏了" in said.err


def test_reader_that_has_the_copy_open_is_waited_for_where_it_stands_in_the_way(own, monkeypatch):
    replace, refused = os.replace, [True, True]

    def held_open(source, target):
        if refused:
            refused.pop()
            raise PermissionError(13, "held open")
        replace(source, target)

    monkeypatch.setattr(publishing.os, "replace", held_open)
    (own[1] / PUBLISHED).unlink()
    publishing.publish(own[1] / STORE, own[1])
    assert (own[1] / PUBLISHED).exists()
    assert not refused


def test_reader_that_never_lets_go_is_said_in_one_line(own, monkeypatch):
    def held_open(*_):
        raise PermissionError(13, "held open")

    monkeypatch.setattr(publishing.os, "replace", held_open)
    monkeypatch.setattr(publishing, "SECONDS", 0)
    with pytest.raises(InputError, match="一直被别的程序打开着"):
        publishing.publish(own[1] / STORE, own[1])


def test_words_changed_since_are_shown_as_they_are_now(own, capsys, monkeypatch):
    from msgspec.structs import replace

    from schemas.findings import KINDS

    edit(own[0] / "2023" / "submissions" / f"{OTHER}.xlsx", {"I01": None})
    judge_steps(*own, publish=True)
    monkeypatch.setitem(KINDS, "MISSING", replace(KINDS["MISSING"], mend="请尽快填写。"))
    before = seen(own[1])
    [unit] = [unit for unit in status_of(own, capsys)["units"] if unit["name"] == OTHER]
    assert any("请尽快填写。" in message for message in unit["findings"])
    assert seen(own[1]) == before
