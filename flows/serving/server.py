"""Prefect's own server as a process that does not outlive ours, on loopback only."""

from __future__ import annotations

import atexit
import gc
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flows.serving.api import LOOPBACK, NOT_STARTED, Server
from flows.serving.tables import create_database
from schemas.errors import ServerError

# Relative to the server's folder: in a URL, "%" or "?" in the name of a folder goes wrong.
DATABASE = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///prefect.db"}


class _Process:
    """The server's process; the end of its stdin tells it to stop."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def spawn(home: Path, settings: Mapping[str, str], port: int = 0) -> Server:
    """Start a server on loopback that does not outlive this process.

    It works in `home`, away from any prefect.toml or .env where the user happens to
    be, and in a session of its own: Ctrl-C must reach the flow, which still reports to
    the server, and not the server. A `port` of 0, or one that is taken: any free one.
    """
    code = (
        f"import sys; sys.path[:] = {[os.path.abspath(p) for p in sys.path]!r}; "
        f"from flows.serving.server import run_server; run_server({port}, {os.getpid()})"
    )
    flags: dict[str, Any]
    if sys.platform == "win32":
        flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    else:
        flags = {"start_new_session": True}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen[bytes](
            [sys.executable, "-c", code], cwd=home, env={**DATABASE, **os.environ, **settings},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, **flags,
        )  # fmt: skip
    assert process.stdout  # asked for above
    with process.stdout as said:
        server = Server(said.readline().decode().strip(), _Process(process))
    if not server.url:  # it ended before it had a port
        server.stop()
        raise ServerError(NOT_STARTED.format(home))
    atexit.register(server.stop)
    return server


def run_server(port: int, parent: int) -> None:
    """The server's process: says its address, then serves until `parent` is gone."""
    # With proto 0 asyncio leaves Nagle's algorithm on: 40 ms more for every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    page = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(f"{page}/api", flush=True)
    os.dup2(2, 1)
    running: list = []
    threading.Thread(target=_end_with_parent, args=(parent, running), daemon=True).start()

    os.environ.update(
        PREFECT_API_URL=f"{page}/api", PREFECT_SERVER_CORS_ALLOWED_ORIGINS=page, PREFECT__SERVER_FINAL="1"
    )
    gc.disable()  # 12% of the boot is the collector going through half-built classes
    import uvicorn  # heavy: asyncio
    from prefect.server.api.server import create_app  # heavy: Prefect
    from starlette.middleware.trustedhost import TrustedHostMiddleware  # heavy: asyncio

    create_database(Path("prefect.db"))
    _slow_down()
    app = TrustedHostMiddleware(create_app(), allowed_hosts=list(LOOPBACK))
    gc.enable()
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    running.append(uvicorn.Server(config))
    running[0].run(sockets=[listener])


def _slow_down() -> None:
    """Let the worker of Prefect's services look for work once in 2 s, not 4 times a second: half of what an idle
    server takes. What is added meanwhile wakes it. There is no setting for it."""
    from docket import Worker  # heavy: Prefect
    from prefect.server.api import background_workers  # heavy: Prefect

    seldom = timedelta(seconds=2)
    slower = partial(Worker, minimum_check_interval=seldom, scheduling_resolution=seldom)
    setattr(background_workers, "Worker", slower)  # noqa: B010  a plain assignment is no better and is no type's


def _end_with_parent(parent: int, running: list) -> None:
    """Stop when the parent closes our stdin or dies; a worker it has forked may keep
    the pipe open, so on POSIX its id is watched too."""
    pipe = threading.Thread(target=os.read, args=(0, 1), daemon=True)
    pipe.start()
    while pipe.is_alive() and (os.name == "nt" or os.getppid() == parent):
        pipe.join(0.5)
    if running and not os.environ.get("PREFECT__SERVER_EPHEMERAL"):
        running[0].should_exit = True
        time.sleep(3)
    os._exit(0)
