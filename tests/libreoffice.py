"""LibreOffice, which a village or another office may work with: started once in a process of tests, and asked by all.

A start costs three CPU-seconds, most of what it saves in a running one half of one or less (2026-11). It runs for as
long as a document is open in it; whoever is started on the same profile only hands over what to convert, and waits.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

LATEST = 240
"""Seconds that starting it, or saving some files, may take on a busy PC."""
NO_PICTURES = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Save/Document">
<prop oor:name="GenerateThumbnail" oor:op="fuse"><value>false</value></prop></item></oor:items>"""
"""A picture of the first page is half the cost of an .ods."""


class _Suite:
    """The one that runs, with a document open."""

    def __init__(self) -> None:
        assert shutil.which("soffice"), "these tests need LibreOffice"
        self._folder = Path(tempfile.mkdtemp(prefix="cunhui-libreoffice-"))
        self.profile = profile_in(self._folder / "profile")
        kept_open = self._folder / "open.txt"
        kept_open.write_text("open", encoding="utf-8")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        self._process = subprocess.Popen(["soffice", self.profile, "--headless", "--norestore", kept_open], **quiet)
        end = time.monotonic() + LATEST
        while not (self._folder / f".~lock.{kept_open.name}#").exists():  # its own sign that it has opened it
            assert self._process.poll() is None and time.monotonic() < end, "LibreOffice does not start"
            time.sleep(0.05)

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._folder)


_running: list[_Suite] = []


def profile_in(folder: Path) -> str:
    """The option for a profile of its own there, with the settings of these tests."""
    settings = folder / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(NO_PICTURES)
    return f"-env:UserInstallation={folder.as_uri()}"


def saved_as(suffix: str, folder: Path, paths: Sequence[Path]) -> list[Path]:
    """The files as LibreOffice opens and saves them, in that format and folder."""
    if not _running:
        _running.append(_Suite())
    command = ["soffice", _running[0].profile, "--headless", "--convert-to", suffix, "--outdir", folder, *paths]
    subprocess.run(command, check=True, capture_output=True, timeout=LATEST)
    made = [folder / f"{path.stem}.{suffix}" for path in paths]
    assert [path.name for path in made if not path.exists()] == []
    return made


def end() -> None:
    """End it, when no test will ask any more."""
    while _running:
        _running.pop().end()
