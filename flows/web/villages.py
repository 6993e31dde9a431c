"""What a village reaches over the office's network with its own link: its form sent in, its findings, its history.

The link is the only right there is, and it is one unit's: nothing that a request says names another. A workbook that
is another unit's, or several units', is refused before it comes into the inbox.
"""

import asyncio
import hashlib
import time
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.inbox.owner import owner_of
from flows.reading.read import read_files
from flows.reading.records import Received
from flows.reading.wanted import wanted_of
from flows.web.app import HANDLERS, Pages, asset, page, refused, state_colours
from flows.web.guarding import with_headers
from flows.web.links import Links
from flows.web.saving import safe_name, save
from schemas.errors import InputError
from schemas.inputs import Inputs, load_inputs
from schemas.outputs import RETURNS
from schemas.roster import Unit
from schemas.states import standing_words

LARGEST = 20 << 20
"""Bytes of a village's file; a filled form takes 0.1 MB, with a scan pasted in 5."""
WRONG, SENT = 20, 30
"""So many links that open nothing, from one address, and so many files with one link, are borne within `WITHIN`."""
WITHIN = 3600.0
"""Seconds."""
_NO_LINK = "这个链接不能用：可能抄错了，或者已经收回。请向发给您链接的人要新的。"
_NOT_READY = "现在暂时收不了表：收表的办公室还没有准备好，请过一会儿再试。链接没有问题，不用换。"
_TOO_MANY = "试得太多了，请一小时以后再试。"


class Often:
    """How often somebody has done something within the last hour."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._when: dict[str, deque[float]] = defaultdict(deque)

    def too(self, who: str) -> bool:
        """Whether that is too often already."""
        when = self._when[who]
        while when and when[0] < time.monotonic() - WITHIN:
            when.popleft()
        if not when:
            del self._when[who]
        return len(when) >= self.most

    def note(self, who: str) -> None:
        """Once more."""
        self._when[who].append(time.monotonic())


class Villages:
    """Every address of the villages' part, for one pair of folders; `arrived` is called when a file has come in."""

    def __init__(self, pages: Pages, arrived: Callable[[], None]) -> None:
        self.pages, self.arrived = pages, arrived
        self.links = Links(pages.outputs)
        self.wrong, self.sent = Often(WRONG), Often(SENT)
        self._reading = asyncio.Lock()
        self._loaded: tuple[object, Inputs] | None = None

    def application(self) -> ASGIApp:
        """The application, guarded."""
        routes = [
            Route("/page.css", asset("page.css", "text/css", state_colours())),
            Route("/village.js", asset("village.js", "text/javascript")),
            Route("/u/{secret}", self.show),
            Route("/u/{secret}/now", self.now),
            Route("/u/{secret}/returned", self.returned),
            Route("/u/{secret}/files/{name}", self.take, methods=["PUT"]),
        ]
        return _guarded(Starlette(routes=routes, exception_handlers=HANDLERS))

    def _unit(self, request: Request) -> Unit | Response:
        """Whose link was used; or the refusal, which is the same for every link that opens nothing."""
        who = request.client.host if request.client else ""
        try:
            if unit := self._of(request.path_params["secret"]):
                return unit
        except InputError:  # the clerk's files are at fault just now: the clerk's page says so, nobody else is told
            return PlainTextResponse(_NOT_READY, 503)
        if self.wrong.too(who):  # a right link opens all the same: nobody can shut others out
            return PlainTextResponse(_TOO_MANY, 429)
        self.wrong.note(who)
        return PlainTextResponse(_NO_LINK, 404)

    def _of(self, secret: str) -> Unit | None:
        """Raises InputError while the clerk's files are at fault, to whoever has a right link."""
        code = self.links.unit_of(secret)
        return next((one for one in self._inputs().units if one.code == code), None) if code else None

    def _inputs(self) -> Inputs:
        key = self.pages.desk.now()
        if self._loaded is None or self._loaded[0] != key:
            self._loaded = key, load_inputs(self.pages.inputs, self.pages.given)
        return self._loaded[1]

    async def show(self, request: Request) -> Response:
        """The unit's page."""
        unit = self._unit(request)
        return unit if isinstance(unit, Response) else page("village.html", **await self._shown(unit))

    async def now(self, request: Request) -> Response:
        """The part of it that changes."""
        unit = self._unit(request)
        return unit if isinstance(unit, Response) else page("village_now.html", **await self._shown(unit))

    async def _shown(self, unit: Unit) -> dict[str, Any]:
        found = await self.pages.desk.standing()
        units = found["units"] if isinstance(found, dict) else []
        mine = next((one for one in units if one["code"] == unit.code), None)
        sent = await self.pages.desk.history(unit.code) if mine and mine["file"] else []
        return {
            "unit": unit.name,
            "largest": LARGEST,
            "title": f"{unit.name} {self.pages.year} 年年报",
            "due": found["due"] if isinstance(found, dict) else "",
            "mine": mine,
            "words": standing_words(mine["state"], mine["accepted"]) if mine else "",
            "back": self._returned(unit).is_file(),
            "sent": sent,
            "secret_stays": "这个链接只给本单位用，请不要转给别人。",
        }

    def _returned(self, unit: Unit) -> Path:
        return self.pages.outputs / str(self.pages.year) / RETURNS / f"{unit.name}.xlsx"

    async def returned(self, request: Request) -> Response:
        """What goes back to the unit."""
        unit = self._unit(request)
        if isinstance(unit, Response):
            return unit
        path = self._returned(unit)
        return FileResponse(path, filename=path.name) if path.is_file() else PlainTextResponse("没有退回的报表。", 404)

    async def take(self, request: Request) -> Response:
        """A workbook of the unit's, into the inbox."""
        unit = self._unit(request)
        if isinstance(unit, Response):
            return unit
        if self.sent.too(unit.code):
            return PlainTextResponse(_TOO_MANY, 429)
        self.sent.note(unit.code)
        if not self.pages.inbox.is_dir():
            return refused(InputError("收件夹现在打不开，请过一会儿再试"))
        folder = Path(unit.name if safe_name(f"{unit.name}.x") == f"{unit.name}.x" else unit.code)
        try:
            name, new = await save(
                request.stream(), request.path_params["name"], self.pages.inbox, self.pages.archive, LARGEST,
                lambda path, said: self._look_into(path, said, unit), folder, request.headers.get("content-length"),
            )  # fmt: skip
        except InputError as error:
            return refused(error)
        self.arrived()
        return JSONResponse({"name": Path(name).name, "new": new})

    async def _look_into(self, path: Path, said: str, unit: Unit) -> None:
        async with self._reading:  # one file at a time, however many send
            await asyncio.to_thread(self._refuse_others, path, said, unit)

    def _refuse_others(self, path: Path, said: str, unit: Unit) -> None:
        """Raises InputError for what is no workbook, and for one that is not this unit's alone."""
        inputs = self._inputs()
        data = path.read_bytes()
        file = Received(str(path), said, hashlib.sha256(data).hexdigest(), len(data))
        wanted = wanted_of(inputs.catalogue, inputs.year, [one.office for one in inputs.units if one.office])
        [whole] = read_files([file], wanted, workers=1)
        for reading in whole.each():
            for finding in reading.findings:
                if finding.code.startswith("FILE_"):
                    raise InputError(f"没有收下：{finding.problem}。{finding.mend}")
            owner = owner_of(reading, inputs.units, inputs.year)
            if owner.unit is None or owner.unit.code != unit.code:
                raise InputError(
                    f"没有收下：这个文件看不出是{unit.name}的报表，或者写着别的单位。请用发给本单位的表填报。"
                )


def _guarded(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        origin, here = headers.get("origin"), f"{scope['scheme']}://{headers.get('host', '')}"
        site = headers.get("sec-fetch-site", "none")
        if origin not in (None, here) or (site == "cross-site" and scope["method"] not in ("GET", "HEAD")):
            await PlainTextResponse("不接受别的网页发来的请求。", 403)(scope, receive, with_headers(send))
            return
        await app(scope, receive, with_headers(send))

    return answer
