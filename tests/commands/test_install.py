"""Serving with the system: the unit and the task say the folders as they are, and are taken back."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from flows.commands.cli import main
from flows.commands.install import UNIT, task_of, unit_of
from tests.office import small_inputs

AWKWARD = ["/opt/my python/bin/python", "-m", "flows.commands.start", "--inputs", '/家/年报 100%$A "x"\\y/inputs']


def test_unit_quotes_what_systemd_would_take_for_its_own():
    [line] = [line for line in unit_of(AWKWARD).splitlines() if line.startswith("ExecStart=")]
    assert line.endswith('"/家/年报 100%%$$A \\"x\\"\\\\y/inputs"')
    assert line.startswith('ExecStart="/opt/my python/bin/python" "-m"')


def test_unit_is_one_that_systemd_takes(tmp_path):
    words = [sys.executable, "-m", "flows.commands.start", "serve", "--inputs", "/家/年报 100%/x"]
    (tmp_path / UNIT).write_text(unit_of(words), encoding="utf-8")
    if not shutil.which("systemd-analyze"):
        sections = [line for line in unit_of(words).splitlines() if line.startswith("[")]
        assert sections == ["[Unit]", "[Service]", "[Install]"]
        return
    told = {"capture_output": True, "text": True, "env": {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}}
    done = subprocess.run(["systemd-analyze", "--user", "verify", str(tmp_path / UNIT)], **told)
    assert (done.returncode, UNIT in done.stderr) == (0, False), done.stderr


def test_task_is_xml_that_names_program_and_folders():
    found = ElementTree.fromstring(task_of(["C:\\py & co\\python.exe", "--inputs", "D:\\年报 1\\inputs"]))
    texts = {one.tag.rpartition("}")[2]: one.text for one in found.iter()}
    assert texts["Command"] == "C:\\py & co\\python.exe"
    assert texts["Arguments"] == '--inputs "D:\\年报 1\\inputs"'


def test_installing_writes_the_unit_and_uninstalling_takes_it_back(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    where = ["--inputs", str(small_inputs(tmp_path, ["三湾村"])), "--outputs", str(tmp_path / "outputs")]
    unit = tmp_path / "config" / "systemd" / "user" / UNIT
    assert main(["serve", "--install", *where]) == 0
    assert f"systemctl --user enable --now {UNIT}" in capsys.readouterr().out
    assert where[1] in unit.read_text(encoding="utf-8")
    assert main(["serve", "--uninstall", *where]) == 0 and not unit.exists()
    assert main(["serve", "--uninstall", *where]) == 2
    assert "没有装过值守" in capsys.readouterr().err
    (tmp_path / "inputs" / "units.csv").write_text("坏", encoding="utf-8")
    assert main(["serve", "--install", *where]) == 2 and not unit.exists()
