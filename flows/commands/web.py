"""`cunhui web`: the page in the browser, and a starter for it on the desktop."""

import os
import shlex
import subprocess
import sys
import webbrowser
from pathlib import Path

from flows.commands.tell import COMPLETE
from flows.values.characters import printable
from flows.web.desk import ENDING
from flows.web.keep import IDLE, Page
from schemas.errors import InputError


def open_page(year: int | None, inputs: str, outputs: str, browser: bool) -> int:
    """Serve the page until Ctrl-C, or until nobody has used it for long. Returns the exit status."""
    page = Page(Path(inputs), Path(outputs), year)
    serving = page.serve()
    opened = browser and webbrowser.open(page.link)
    lead = "已在浏览器里打开；没有看到的话，复制这个链接到浏览器" if opened else "请把这个链接复制到浏览器里打开"
    print(printable(f"{lead}（只能用一次）："), page.link, sep="\n", flush=True)
    for line in page.told:
        print(printable(line), flush=True)
    print(f"停止：按 Ctrl+C{f'；{IDLE / 60:.0f} 分钟没有人用会自己停' if page.idle else ''}。", flush=True)
    try:
        while serving.is_alive():
            serving.join(0.5)
    finally:
        page.stop()
        serving.join(ENDING + 5)
    print("很久没有人用，网页停了；收到的文件和已入库的数都在。")
    return COMPLETE


def make_shortcut(year: int | None, inputs: str, outputs: str) -> int:
    """Put a starter on the desktop that opens the page for these folders. Raises InputError where that cannot be."""
    folder = _desktop()
    where = [str(Path(inputs).absolute()), str(Path(outputs).absolute())]
    words = [sys.executable, "-m", "flows.commands.start", "web", "--inputs", where[0], "--outputs", where[1]]
    name, text = starter(sys.platform, [*words, *(["--year", str(year)] if year else [])])
    path = folder / name
    try:
        path.write_bytes(text)
        os.chmod(path, 0o755)
    except OSError:
        raise InputError(f"桌面 {folder} 写不进去") from None
    print(printable(f"已放在桌面上：{path}，以后双击它就能打开网页。"))
    return COMPLETE


def starter(platform: str, words: list[str]) -> tuple[str, bytes]:
    """What such a starter is called on a system, and what stands in it."""
    if platform == "win32":
        line = subprocess.list2cmdline(words).replace("%", "%%")
        return "村汇.bat", f"@echo off\r\nchcp 65001 >nul\r\ntitle 村汇\r\n{line}\r\nif errorlevel 1 pause\r\n".encode()
    line = shlex.join(words)
    if platform == "darwin":
        return "村汇.command", f"#!/bin/sh\nexec {line}\n".encode()
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"' for word in words)
    entry = f"[Desktop Entry]\nType=Application\nName=村汇\nComment=收报表、汇总\nTerminal=true\nExec={quoted}\n"
    return "村汇.desktop", entry.encode()


def _desktop() -> Path:
    """The desktop's folder. Raises InputError where there is none."""
    if sys.platform == "linux":
        try:
            told = subprocess.run(
                ["xdg-user-dir", "DESKTOP"], capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            told = ""
        places = [Path(told)] if told else []
    else:
        places = []
    places += [Path.home() / "Desktop", Path.home() / "桌面"]
    found = next((place for place in places if place.is_dir() and place != Path.home()), None)
    if found is None:
        raise InputError(f"找不到桌面文件夹（{places[-2]}）")
    return found
