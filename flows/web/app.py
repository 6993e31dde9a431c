"""The page's addresses. Each asks a command, saves a file or shows what was emitted; none decides anything."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flows.files import hindered
from flows.web import settings
from flows.web.beginning import Beginning
from flows.web.desk import Desk, as_pressed
from flows.web.guarding import OWN_PAGES, SMALL
from flows.web.saving import LARGEST, lying, safe_folder, save, withdraw
from schemas.errors import InputError
from schemas.inputs import named
from schemas.outputs import ARCHIVE, BOARD, FORMS, LETTERS, PROBLEMS, REMINDERS, REPORT, REPORT_PAGE, RETURNS, SUMMARY
from schemas.states import OF_UNIT, STATES, standing_words

HERE = Path(__file__).parent
EMITTED = {"summary": SUMMARY, "report": REPORT, "report-page": REPORT_PAGE, "board": BOARD, "problems": PROBLEMS,
           "reminders": REMINDERS}  # fmt: skip
"""What a run emits, by the word for it in an address: no name from outside ever becomes a path."""
_MANY = 40
"""Findings of one unit that the page lists; the rest stand in the returned workbook."""
_FEW = 2
"""Lines of what is lacking that the page shows unasked: a township without offices lacks ten things at once."""
_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


class Pages:
    """Everything that is answered, for one pair of folders."""

    def __init__(self, inputs: Path, outputs: Path, year: int | None) -> None:
        self.inputs, self.outputs, self.given = inputs, outputs, year
        self.desk = Desk(inputs, outputs, year)
        self.beginning = Beginning(self.desk)

    @property
    def year(self) -> int:
        """The year that is worked on, as the settings have it now."""
        return named(self.inputs, self.given)[1] or date.today().year

    @property
    def inbox(self) -> Path:
        """Where dropped files go."""
        return self.inputs / str(self.year) / "submissions"

    @property
    def archive(self) -> Path:
        """Where every file is kept that a run has seen."""
        return self.outputs / ARCHIVE

    def routes(self) -> list[Route]:
        """Every address there is."""
        return [
            Route("/", self.home),
            Route("/units", self.units),
            Route("/state", self.state),
            Route("/settings", self.edit),
            Route("/page.css", asset("page.css", "text/css", state_colours())),
            Route("/page.js", asset("page.js", "text/javascript")),
            Route("/emitted/{what}", self.emitted),
            Route("/returned/{code:int}", self.returned),
            Route("/form/{code:int}", self.form),
            Route("/files/{name}", self.upload, methods=["PUT"]),
            Route("/roster/{name}", self.roster, methods=["PUT"]),
            Route("/run", self.run, methods=["POST"]),
            Route("/do/{what}", self.act, methods=["POST"]),
            Route("/settings/{which}", self.change, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """The page."""
        del request
        if self.beginning.due:
            today = date.today()  # until summer people still collect the year before
            return page("begin.html", title="新建乡镇", year=today.year - (today.month < 7), place=self.beginning.place)
        title = f"{named(self.inputs, self.given)[0]} {self.year} 年年报"
        figures = await asyncio.to_thread(settings.figures, self.inputs, self.given)
        return page("home.html", title=title, figures=figures, **await self._shown())

    async def units(self, request: Request) -> Response:
        """The part of the page that changes."""
        del request
        return page("units.html", **await self._shown())

    async def _shown(self) -> dict[str, Any]:
        found = await self.desk.standing()
        standing = found if isinstance(found, dict) else {}
        units = standing.get("units", [])
        folder, waiting = self.outputs / str(self.year), lying(self.inbox)
        return {
            "wrong": "" if standing else found,
            "standing": standing,
            "units": units,
            "counts": [(key, STATES[key].word, sum(one["state"] == key for one in units)) for key in OF_UNIT],
            "accepted": sum(bool(one["accepted"]) for one in units),
            "there": {what for what, name in EMITTED.items() if (folder / name).is_file()},
            "emitted": EMITTED,
            "sent_back": {one["code"] for one in units if (folder / RETURNS / f"{one['name']}.xlsx").is_file()},
            "standing_words": standing_words,
            "letters": (folder / LETTERS).is_dir() and any((folder / LETTERS).iterdir()),
            "many": _MANY,
            "few": _FEW,
            "as_pressed": as_pressed,
            "unsent": not ((folder / FORMS).is_dir() or waiting or any(one["file"] for one in units)),
            "lying": waiting,
            "largest": LARGEST,
            "today": date.today().isoformat(),
        }

    async def state(self, request: Request) -> Response:
        """How far the collection is, and how the last one ended."""
        del request
        now, last = self.desk.progress, self.desk.last
        told = {"done": now.done, "total": now.total} if now else None
        return JSONResponse({"running": told, "last": last and {"well": last.well, "words": _short(last)}})

    async def upload(self, request: Request) -> Response:
        """One dropped file, into the inbox."""
        try:
            name, new = await save(
                request.stream(), request.path_params["name"], self.inbox, self.archive,
                within=safe_folder(request.query_params.get("in", "")), declared=request.headers.get("content-length"),
            )  # fmt: skip
        except InputError as error:
            return refused(error)
        return JSONResponse({"name": name, "new": new})

    async def roster(self, request: Request) -> Response:
        """The roster of a township that is to begin."""
        try:
            if not self.beginning.due:
                raise InputError("这里已经有一个乡镇了，没有改动")
            name = await self.beginning.keep_roster(
                request.stream(), request.path_params["name"], request.headers.get("content-length")
            )
        except InputError as error:
            return refused(error)
        return JSONResponse({"name": name, "new": True})

    async def run(self, request: Request) -> Response:
        """Collect the year; who comes meanwhile is collected after."""
        del request
        self.desk.collect()
        return JSONResponse({"words": "开始汇总"})

    async def act(self, request: Request) -> Response:
        """One of the commands that are a question or two."""
        said = {key: str(value) for key, value in (await _small(request)).items()}
        signed = ["--by", said.get("who", ""), "--why", said.get("why", "")]
        what = request.path_params["what"]
        if what in ("restore", "close", "reopen") and not said.get("who", "").strip():
            return refused(InputError("请写明是谁决定的"))
        excepted = [word for name in said.get("except", "").split() for word in ("--except", name)]
        commands = {
            "forms": ["forms"],
            "restore": ["restore", *signed, "--", said.get("unit", ""), said.get("revision", "")],
            "close": ["close", *signed, *excepted],
            "reopen": ["close", "--reopen", *signed],
            "verify": ["verify"],
            "next-year": ["next-year"],
        }
        try:
            if what == "correct":
                settings.add_correction(self.inputs, self.year, said)
                self.desk.collect()
                return JSONResponse({"words": "更正已写入，正在重新汇总"})
            if what == "figure":
                await asyncio.to_thread(settings.give_figure, self.inputs, self.year, said)
                self.desk.collect()
                return JSONResponse({"words": "补充数已写入，正在重新汇总"})
            if what == "begin":
                begun = await self.beginning.begin(said)
                return JSONResponse({"words": begun.words}, 200 if begun.well else 422)
            if what == "withdraw":
                moved = withdraw(said.get("file", ""), self.inbox, self.archive)
                self.desk.collect()
                return JSONResponse({"words": f"已移到 {moved}，正在重新汇总"})
            if what == "open":
                return JSONResponse({"words": self._open(said.get("folder", ""))})
        except InputError as error:
            return refused(error)
        if what not in commands:
            raise HTTPException(404)
        done = await self.desk.do(*commands[what])
        return JSONResponse({"words": _short(done)}, 200 if done.well else 422)

    def _open(self, which: str) -> str:
        """Open one of the folders on this PC, where the page's user sits too."""
        year = self.outputs / str(self.year)
        folders = {
            "inbox": self.inbox,
            "forms": year / FORMS,
            "returned": year / RETURNS,
            "letters": year / LETTERS,
            "outputs": year,
        }
        folder = folders.get(which)
        if folder is None or not folder.is_dir():
            raise InputError("这个文件夹还没有：先生成")
        opener = {"win32": "explorer", "darwin": "open"}.get(sys.platform, "xdg-open")
        try:
            subprocess.Popen([opener, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            return f"文件夹在 {folder}"
        return f"已打开 {folder}"

    async def emitted(self, request: Request) -> Response:
        """A file that a run emitted."""
        return self._file(EMITTED.get(request.path_params["what"]))

    async def returned(self, request: Request) -> Response:
        """What goes back to a unit."""
        return await self._of_unit(request, lambda one: f"{RETURNS}/{one['name']}.xlsx")

    async def form(self, request: Request) -> Response:
        """A unit's blank form."""
        return await self._of_unit(request, lambda one: f"{FORMS}/{one['code']}-{one['name']}.xlsx")

    async def _of_unit(self, request: Request, name: Callable[[dict[str, Any]], str]) -> Response:
        found = await self.desk.standing()
        units = {one["code"]: one for one in found["units"]} if isinstance(found, dict) else {}
        unit = units.get(str(request.path_params["code"]))
        return self._file(name(unit) if unit else None)

    def _file(self, name: str | None) -> Response:
        path = self.outputs / str(self.year) / name if name else None
        if path is None or not path.is_file():
            return PlainTextResponse("还没有这个文件：先汇总，或先生成空白报表。", 404)
        if path.suffix == ".html":
            return HTMLResponse(path.read_bytes(), headers={"Content-Security-Policy": OWN_PAGES})
        return FileResponse(path, filename=path.name)

    async def edit(self, request: Request) -> Response:
        """Settings and roster as texts."""
        del request
        names = settings.edited(self.year)
        texts = {which: settings.read(self.inputs, name) for which, name in names.items()}
        return page("settings.html", title="设置和名册", texts=texts, names=names, titles=settings.TITLES)

    async def change(self, request: Request) -> Response:
        """What is wrong with a text as typed; saved, where that is asked and nothing is."""
        which, said = request.path_params["which"], await _small(request)
        if (name := settings.edited(self.year).get(which)) is None:
            raise HTTPException(404)
        text = str(said.get("text", ""))
        try:
            if said.get("save"):
                mark = await asyncio.to_thread(
                    settings.save, self.inputs, self.given, name, text, str(said.get("mark"))
                )
                return JSONResponse({"words": "已保存；原来的另存在旁边。", "mark": mark})
            data = settings.encoded(name, text)
            wrong = await asyncio.to_thread(settings.faults, self.inputs, self.given, name, data)
        except InputError as error:
            return refused(error)
        return JSONResponse({"words": "\n".join(wrong) or "没有错处。"}, 422 if wrong else 200)


def application(pages: Pages) -> Starlette:
    """The application, without its guard."""
    return Starlette(routes=pages.routes(), exception_handlers=HANDLERS)


async def _nowhere(request: Request, error: Exception) -> Response:
    del request
    return PlainTextResponse("没有这一页。", getattr(error, "status_code", 404))


async def _failing(request: Request, error: Exception) -> Response:
    """A disk, a folder or a machine that fails on the way."""
    del request
    assert isinstance(error, OSError)
    return PlainTextResponse(f"没有做完：{hindered(error)}。收到的文件和已入库的数都在。", 500)


HANDLERS = {404: _nowhere, 405: _nowhere, OSError: _failing}
"""What is answered instead of a page, by what stands in the way."""


async def _small(request: Request) -> dict[str, Any]:
    """What was typed, as JSON. Raises HTTPException for anything too large or of another shape."""
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > SMALL:
            raise HTTPException(413)
    try:
        said = json.loads(data or b"{}")
    except ValueError:
        raise HTTPException(400) from None
    if not isinstance(said, dict):
        raise HTTPException(400)
    return said


def _short(done: Any) -> str:
    """What a command said, without the standing in JSON, which the page shows itself."""
    return "" if done.out.startswith("{") and done.well else done.words


def refused(error: InputError) -> Response:
    """The words of a refusal."""
    return JSONResponse({"words": "\n".join(error.lines)}, 422)


def page(name: str, **values: Any) -> Response:
    """A template, filled in."""
    return HTMLResponse(_TEMPLATES.get_template(name).render(values))


def state_colours() -> str:
    """The style of every state's word."""
    return "".join(f'[data-state="{key}"] .state {{ color: #{state.colour}; }}\n' for key, state in STATES.items())


def asset(name: str, kind: str, more: str = "") -> Callable[[Request], Response]:
    """Answers with a file that stands beside this module."""
    text = (HERE / name).read_text(encoding="utf-8") + more

    def answer(request: Request) -> Response:
        del request
        return Response(text, media_type=kind)

    return answer
