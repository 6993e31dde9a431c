"""The page's server: on this PC only, until told to stop or left alone for long."""

import asyncio
import os
import socket
import threading
import time
from pathlib import Path

import uvicorn

from flows.web import network
from flows.web.app import Pages, application
from flows.web.guarding import Guard
from flows.web.saving import ABANDONED, clear_away
from flows.web.seldom import Server
from flows.web.villages import Villages
from schemas.errors import InputError

HERE_ONLY = "127.0.0.1"
PORT = 4300  # the same every day, as long as nobody else has it
IDLE = 1800.0
"""Seconds without a request after which the page ends, 0 for never; an open page asks every 20 seconds."""
LOOK = 1.0


class Page:
    """One page, listening from the moment it is made; `link` opens it, once.

    Where the settings say so, villages reach their part of it over the network: `told` says where, or why not.
    `collects`: what they send is collected from here; false where somebody watches the inbox.
    """

    def __init__(
        self, inputs: Path, outputs: Path, year: int | None, idle: float = IDLE, port: int = PORT, collects: bool = True
    ) -> None:
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        self.pages = Pages(inputs.absolute(), outputs.absolute(), year)
        self.idle, self._seen = idle, time.monotonic()
        self._guard = Guard(application(self.pages), self.port, self._see)
        self.link = f"http://{HERE_ONLY}:{self.port}/?k={self._guard.link}"
        config = uvicorn.Config(
            self._guard, log_level="critical", access_log=False, lifespan="off", server_header=False,
            timeout_graceful_shutdown=2, h11_max_incomplete_event_size=32 << 10, limit_concurrency=64,
        )  # fmt: skip
        self._server = Server(config)
        self._villages: tuple[uvicorn.Server, socket.socket] | None = None
        self.told: list[str] = []
        self._open_to_villages(collects)

    def _open_to_villages(self, collects: bool) -> None:
        web = network.settings_of(self.pages.inputs, self.pages.given)
        if not web.lan:
            return
        self.idle = 0.0  # villages may come at any hour
        arrived = self.pages.desk.collect if collects else lambda: None
        try:
            self._villages = network.server(web, self.pages.inputs, Villages(self.pages, arrived).application())
        except InputError as error:
            self.told = [f"各单位的链接现在打不开：{error}"]
            return
        self.told = network.told(web)

    def _see(self) -> None:
        self._seen = time.monotonic()

    async def _run(self) -> None:
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        others, listener = self._villages or (None, None)
        villages = asyncio.create_task(others.serve(sockets=[listener])) if others and listener else None
        cleared = -ABANDONED
        while not serving.done():
            if time.monotonic() - cleared > ABANDONED:
                cleared = time.monotonic()
                await asyncio.to_thread(clear_away, self.pages.inbox)  # which may lie far away
            await asyncio.wait([serving], timeout=LOOK)
            left_alone = self.idle and time.monotonic() - self._seen > self.idle
            if left_alone and not (self.pages.desk.busy or self.pages.desk.progress):
                self.stop()
        await self.pages.desk.stop()
        await serving
        if villages and others:
            others.should_exit = True
            await villages

    def stop(self) -> None:
        """Ask it to end; from any thread."""
        self._server.should_exit = True

    def serve(self) -> threading.Thread:
        """Serve in a thread, until `stop`, or until nobody has asked for `idle` seconds and nothing is going on."""
        thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        thread.start()
        return thread


def _listening(port: int) -> socket.socket:
    for tried in (port, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # the port of a page that has just ended; on Windows it would be shared with another
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HERE_ONLY, tried))
        except OSError:
            listener.close()
            continue
        listener.listen(64)
        return listener
    raise OSError("no free port")
