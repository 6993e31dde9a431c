"""A township that begins on the page: a few answers and its own roster, given to `cunhui setup`."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from flows.starting.folder import INPUTS, OUTPUTS, refuse_filled
from flows.web.desk import Desk, Done
from flows.web.saving import save
from schemas.errors import InputError

LARGEST = 10 << 20
"""Bytes of a roster; a county's takes 0.2 MB."""


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
        return await self.desk.do("setup", *answers, f"--units={self._roster}", "--", str(self.place), here=False)
