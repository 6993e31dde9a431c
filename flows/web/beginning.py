"""A township that begins on the page: a few answers and its own roster, given to `cunhui setup`."""

import os
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from flows.starting.folder import INPUTS, OUTPUTS, refuse_filled
from flows.web.desk import Desk, Done
from flows.web.saving import save
from schemas.errors import InputError

LARGEST = 10 << 20
"""Bytes of a roster; a county's takes 0.2 MB."""

_ON_PAGE = {
    r"已建好 “": "已建好“",
    r"（units\.csv）": "",
    r"在 units\.csv 里": "在“设置和名册”的名册里",
    r"定了以后写进 .*": "网页上没有这一项，定了以后请维护人员写进去。",
    r" ?units\.csv( 的 role)?": "“设置和名册”里的名册",
    r"township\.toml：报送期限 deadline ": "在“设置和名册”里：报送期限（deadline）",
    r"要改的用 cunhui catalogue export .*": "要改的，网页上没有这一项，请维护人员改。",
    r"要出的，用 cunhui report bind .*": "要出的，网页上没有这一项，请维护人员把往年的报告变成模板。",
    r"收报送包的，名册由各报送包合成：.*": "收报送包的，名册由各报送包合成，请维护人员先做好（乡镇的代码写 9 位）",
    r"下一步：(.*)的报送包放进 .*": r"下一步：把\1的报送包拖到“收报表”里，就开始汇总。",
    r"(?:选项 )?--name ": "乡镇的名称", r"(?:选项 )?--code ": "区划代码", r"(?:选项 )?--year ": "年份",
    r"(?:选项 )?--units ": "名册",
}  # fmt: skip
"""How the page calls what setup's words call by a command, an option or a file."""


class Beginning:
    """What is asked while the folder is empty; the roster waits in a folder that ends with this process."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.place = desk, desk.inputs.parent
        self._room = tempfile.TemporaryDirectory(prefix="cunhui-")
        self._roster: Path | None = None

    @property
    def due(self) -> bool:
        """Whether this folder holds no township yet and one may be made in it."""
        if (self.desk.inputs, self.desk.outputs) != (self.place / INPUTS, self.place / OUTPUTS):
            return False
        try:
            refuse_filled(self.place)
        except InputError:
            return False
        return True

    async def keep_roster(self, stream: AsyncIterator[bytes], said: str, declared: str | None = None) -> str:
        """Take the roster; its name. Raises InputError for what cannot be saved."""
        room = Path(self._room.name)
        name, _ = await save(stream, said, room, room, LARGEST, declared=declared)
        self._roster = room / name
        return name

    async def begin(self, said: Mapping[str, str]) -> Done:
        """Make the folder of the answers. Raises InputError without a roster."""
        if self._roster is None:
            raise InputError("还没有选名册文件")
        answers = [word for key in ("name", "code", "year") for word in (f"--{key}={said.get(key, '').strip()}",)]
        done = await self.desk.do("setup", *answers, f"--units={self._roster}", "--", str(self.place), here=False)
        return done._replace(out=self._on_page(done.out), said=[self._on_page(line) for line in done.said])

    def _on_page(self, words: str) -> str:
        """What setup tells whoever types, for whoever presses: no command, no option, no path."""
        for folder in (self.place / INPUTS, self._room.name):
            words = words.replace(f"{folder}{os.sep}", "")
        words = words.replace(str(self.place), f"“{self.place.name}”")
        for typed, pressed in _ON_PAGE.items():
            words = re.sub(typed, pressed, words)
        return words
