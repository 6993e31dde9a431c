"""`cunhui verify --compact`: the space of what was deleted is given back, and nothing is lost, even by a kill."""

import json
import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from flows.commands import cli
from flows.store import compact as compacting
from flows.store.compact import compact
from flows.store.lock import hold
from flows.store.published import publish
from flows.store.store import Store
from schemas.errors import InputError
from schemas.outputs import PUBLISHED, STORE

LINES = "SELECT 'inbox' AS what, count(*), min(file), max(file) FROM base.inbox"
COMMENTS = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which most of what was written has been deleted, and its copy for queries."""
    folder = tmp_path_factory.mktemp("made")
    with Store(folder / STORE) as store:
        for year in range(2000, 2010):
            store.db.execute(
                "INSERT INTO base.inbox SELECT ?, sha256(CAST(range AS VARCHAR)), 'x' FROM range(20000)", [year]
            )
            store.db.execute("CHECKPOINT")
            store.db.execute("DELETE FROM base.inbox WHERE year < ?", [year])
    publish(folder / STORE, folder)
    return folder


@pytest.fixture
def outputs(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "outputs"))


def contents(path: Path) -> list[list[tuple]]:
    with duckdb.connect(str(path), read_only=True) as db:
        return [db.execute(query).fetchall() for query in (LINES, COMMENTS)]


def test_a_compacted_store_is_smaller_and_holds_the_same(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, size = contents(outputs / STORE), (outputs / STORE).stat().st_size
    assert cli.main(["verify", "--compact", "--outputs", str(outputs)]) == 0
    after = (outputs / STORE).stat().st_size
    said = [int(number.replace(",", "")) for number in re.findall(r"[\d,]{4,}", capsys.readouterr().out)]
    assert said == [size, after] and after < size * 0.8
    assert contents(outputs / STORE) == before
    assert (outputs / PUBLISHED).read_bytes() == (outputs / STORE).read_bytes()
    assert cli.main(["verify", "--compact", "--json", "--outputs", str(outputs)]) == 0
    assert json.loads(capsys.readouterr().out)["before"] == after
    with Store(outputs / STORE) as store:
        assert store.rows(LINES)[0][1] == 20_000


def test_nothing_is_compacted_while_a_run_goes_on(outputs: Path) -> None:
    before = (outputs / STORE).read_bytes()
    with hold(outputs), pytest.raises(InputError, match="另一个汇总正在使用"):
        compact(outputs)
    assert (outputs / STORE).read_bytes() == before


def test_where_there_is_no_store_one_line_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "--compact", "--outputs", str(tmp_path)]) == 2
    assert "还没有数据库" in capsys.readouterr().err and not (tmp_path / STORE).exists()


@pytest.mark.parametrize("at", ["before it is written", "before it is put in place"])
def test_a_kill_leaves_the_store_that_there_was(at: str, outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(outputs / STORE)
    if at == "before it is written":
        partial = outputs / f".{STORE}.tmp"
        partial.write_bytes(b"half a file")  # what a kill leaves
        partial.with_name(f"{partial.name}.wal").write_bytes(b"half of another")
        assert compact(outputs).after > 0
    else:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            compact(outputs)
    assert contents(outputs / STORE) == before
    assert not [path for path in outputs.iterdir() if ".tmp" in path.name]


def test_a_file_that_does_not_hold_the_same_is_not_put_in_place(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (outputs / STORE).read_bytes()
    monkeypatch.setattr(compacting, "_contents", lambda db, name: name)
    with pytest.raises(RuntimeError):
        compact(outputs)
    assert (outputs / STORE).read_bytes() == before
