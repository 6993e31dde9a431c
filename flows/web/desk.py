"""What the page has done for it: the commands themselves, each in a process of its own, one collection at a time.

So the page has no rule of its own: what a command refuses, the page refuses, in the same words.
"""

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from flows.files import hindered

ENOUGH = 200_000
"""Characters of what a command says that are kept; a township's standing takes 50,000."""
_PRESSED = {
    r"运行 cunhui run(?: --\w+)?": "点“重新汇总”",
    r"cunhui forms.* 生成空白报表": "开始收报表，先生成空白报表发给各单位",
    r"用 --except 写明": "写进“没有采用也封存的单位”",
    r"用 --why 写明": "写明",
    r"先运行 cunhui close；要不等封存.*": "先封存",
    r"用 cunhui restore 恢复": "用“恢复以前报过的一版”恢复",
    r"先用 cunhui close --reopen 开封": "先在“封存、开封、下一年”里开封",
    r"用 cunhui verify 核对": "用“核对原件、数据库和各表是否相符”核对",
}
ENDING = 10.0
"""Seconds that a command is given to end in order."""
_PROGRAM = "import sys; sys.path[:] = {path!r}; from flows.commands.start import program; program()"


class Done(NamedTuple):
    """How a command ended: its exit status, what it printed, and what it said besides, line by line."""

    status: int
    out: str
    said: list[str]

    @property
    def well(self) -> bool:
        """Whether it did what it was asked; that units are missing is no failure."""
        return self.status in (0, 3)

    @property
    def words(self) -> str:
        """What it said, for people, what it did before what it notes beside it.

        Of a failure of our own only the last line, without the traceback.
        """
        lines = [line.removeprefix("错误：") for line in (self.said or self.out.splitlines()) if line.strip()]
        lines.sort(key=lambda line: line.startswith("注意："))
        return as_pressed("\n".join(lines if self.status != 1 else lines[-1:]))


def as_pressed(words: str) -> str:
    """What a command tells whoever types, for whoever presses: the page's own names for it."""
    for typed, pressed in _PRESSED.items():
        words = re.sub(typed, pressed, words)
    return words


@dataclass
class Progress:
    """How far the collection in hand is: files read, of how many; both 0 before and after reading."""

    done: int = 0
    total: int = 0
    said: list[str] = field(default_factory=list)


class Desk:
    """The commands for one pair of folders."""

    def __init__(self, inputs: Path, outputs: Path, year: int | None) -> None:
        self.inputs, self.outputs, self._year = inputs, outputs, year
        self.progress: Progress | None = None
        """Of the collection in hand; None while there is none."""
        self.last: Done | None = None
        """How the last collection ended."""
        self._again = self._stopped = False
        self._standing: tuple[object, dict[str, Any]] | None = None
        self._histories: tuple[object, dict[str, list[dict[str, Any]]]] = None, {}
        self._looking = asyncio.Lock()
        self._children: set[asyncio.subprocess.Process] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def do(self, command: str, *words: str, progress: Progress | None = None, here: bool = True) -> Done:
        """Run one command to its end, for these folders unless not `here`; options stand before any `--` in `words`."""
        where = ["--inputs", str(self.inputs), "--outputs", str(self.outputs)] if here else []
        year = ["--year", str(self._year)] if self._year and here else []
        code = _PROGRAM.format(path=[os.path.abspath(one) for one in sys.path])
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, command, *where, *year, *words, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}, limit=ENOUGH,
        )  # fmt: skip
        self._children.add(child)
        try:
            assert child.stdout and child.stderr
            out, said = await asyncio.gather(child.stdout.read(), _heard(child.stderr, progress or Progress()))
            return Done(await child.wait(), out.decode(errors="replace"), said[-100:])
        finally:
            self._children.discard(child)

    def collect(self) -> None:
        """Collect the year, unless that is going on; then once more when it has ended."""
        if self.progress:
            self._again = True
            return
        self.progress = Progress()
        task = asyncio.get_running_loop().create_task(self._collect())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _collect(self) -> None:
        while self.progress is not None:
            self._again = False
            try:
                self.last = await self.do("run", "--json", "--progress", progress=self.progress)
            except OSError as error:  # no process to be had just now; the page must not wait for it for ever
                self.last = Done(1, "", [f"没有汇总：{hindered(error)}"])
            self.progress = Progress() if self._again and not self._stopped else None

    async def standing(self) -> dict[str, Any] | str:
        """Where everybody stands, as `cunhui status` says it; or the words in which it refuses to."""
        async with self._looking:
            key = self.now()
            if self._standing and self._standing[0] == key:
                return self._standing[1]
            done = await self.do("status", "--json")
            if not done.well:
                return done.words
            self._standing = key, json.loads(done.out)
            return self._standing[1]

    async def history(self, unit: str) -> list[dict[str, Any]]:
        """What a unit has sent, as `cunhui status --unit` says it, the latest first."""
        async with self._looking:
            if self._histories[0] != (key := self.now()):
                self._histories = key, {}
            told = self._histories[1]
            if unit not in told:
                done = await self.do("status", "--json", "--unit", unit)
                told[unit] = json.loads(done.out)["revisions"][::-1] if done.out.startswith("{") else []
            return told[unit]

    def now(self) -> object:
        """Changes when what `cunhui status` reads does."""
        files = [*self.inputs.glob("*.*"), *self.inputs.glob("*/*.toml"), self.outputs / "published" / "cunhui.duckdb"]
        return [(str(path), path.stat().st_mtime_ns) for path in sorted(files) if path.is_file()]

    @property
    def busy(self) -> bool:
        """Whether any command is going on."""
        return bool(self._children)

    async def stop(self) -> None:
        """End what is going on, in order: a signal that each command closes its folders at; and wait until it has."""
        self._stopped = True
        going = [*self._children]
        for child in going:
            child.terminate()
        if going:
            await asyncio.wait([asyncio.ensure_future(child.wait()) for child in going], timeout=ENDING)


async def _heard(stream: asyncio.StreamReader, progress: Progress) -> list[str]:
    said: list[str] = []
    async for raw in stream:
        line = raw.decode(errors="replace").rstrip()
        if line.startswith('{"done"'):
            told = json.loads(line)
            progress.done, progress.total = told["done"], told["total"]
        elif line:
            said.append(line)
    return said
