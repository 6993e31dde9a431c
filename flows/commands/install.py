"""`cunhui serve --install`: the system starts serving by itself, with the PC, and again when it has ended."""

import getpass
import os
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from flows.commands.tell import COMPLETE
from flows.files import write_atomically
from flows.values.characters import printable
from schemas.errors import InputError
from schemas.inputs import load_inputs

UNIT, TASK = "cunhui.service", "村汇值守"


def install(year: int | None, inputs: str, outputs: str) -> int:
    """Write what the system needs and say the one command that is left. Raises InputError for inputs at fault."""
    load_inputs(Path(inputs), year)  # what would only be said where nobody looks is said now
    words = _words(year, inputs, outputs)
    if sys.platform == "win32":
        path = write_atomically(Path(outputs).absolute() / f"{TASK}.xml", task_of(words).encode("utf-16"))
        lines = [f"已写好 {path}。", "请用管理员身份打开 PowerShell，运行：",
                 f'schtasks /Create /TN "{TASK}" /XML "{path}"']  # fmt: skip
    elif sys.platform == "linux":
        folder = _units()
        folder.mkdir(parents=True, exist_ok=True)
        path = write_atomically(folder / UNIT, unit_of(words).encode())
        lines = [f"已写好 {path}。", "请运行下面两条，以后开机就自动值守：",
                 f"systemctl --user enable --now {UNIT}", f"loginctl enable-linger {getpass.getuser()}"]  # fmt: skip
    else:
        lines = ["这个系统上没有现成的办法：请把下面这一条设为登录时运行：", subprocess.list2cmdline(words)]
    for line in lines:
        print(printable(line))
    return COMPLETE


def uninstall(outputs: str) -> int:
    """Take back what `install` has written, and say how to stop what runs. Raises InputError where there is nothing."""
    if sys.platform == "win32":
        path, command = Path(outputs).absolute() / f"{TASK}.xml", f'schtasks /Delete /TN "{TASK}" /F'
    else:
        path, command = _units() / UNIT, f"systemctl --user disable --now {UNIT}"
    if not path.exists():
        raise InputError(f"没有装过值守（没有 {path}）")
    path.unlink()
    print(printable(f"已删去 {path}。正在运行的，请再运行：{command}"))
    return COMPLETE


def unit_of(words: list[str]) -> str:
    """A systemd unit that keeps these words running; secrets come from a file of the environment that it names."""
    line = " ".join(_quoted(word) for word in words)
    return (
        "[Unit]\nDescription=村汇值守：自动收报表、汇总\nAfter=network.target\n\n"
        f"[Service]\nExecStart={line}\nRestart=on-failure\nRestartSec=30\nKillMode=mixed\nTimeoutStopSec=20\n"
        "EnvironmentFile=-%h/.config/cunhui.env\n\n"
        "[Install]\nWantedBy=default.target\n"
    )


def task_of(words: list[str]) -> str:
    """A task of Windows' scheduler that starts these words when the user logs on, and again when they end."""
    program, arguments = escape(words[0]), escape(subprocess.list2cmdline(words[1:]))
    return (
        '<?xml version="1.0" encoding="UTF-16"?>\n'
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        f"<RegistrationInfo><Description>{TASK}</Description></RegistrationInfo>\n"
        "<Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>\n"
        "<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
        "<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
        "<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>"
        "<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>"
        "<RestartOnFailure><Interval>PT1M</Interval><Count>99</Count></RestartOnFailure></Settings>\n"
        f"<Actions><Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec></Actions>\n</Task>\n"
    )


def _words(year: int | None, inputs: str, outputs: str) -> list[str]:
    where = ["--inputs", str(Path(inputs).absolute()), "--outputs", str(Path(outputs).absolute())]
    named = ["--year", str(year)] if year else []
    return [sys.executable, "-m", "flows.commands.start", "serve", *where, *named]


def _units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _quoted(word: str) -> str:
    """One word of a command in a unit (systemd.service(5), COMMAND LINES)."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
