"""The Prefect API that a run talks to: somebody else's, or Prefect's own server as a process of ours, on loopback."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from flows.serving.tables import create_database
from schemas.errors import InputError, ServerError

ANSWER_LIMIT = 10  # seconds in which a server that runs already must answer
LOOPBACK = ("127.0.0.1", "localhost")
START_LIMIT = 120  # seconds; Prefect's own limit of 20 has been too short on a cold start


NOT_STARTED = (
    "Prefect 服务没有启动成功（可能没有空闲的端口，或磁盘满了）；收到的文件和已入库的数都在。请再试一次；"
    "仍不行时，删除 {} 后重试（其中没有上报数据）。"
)


class Own(Protocol):
    """What answers at an API of our own."""

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class Server:
    """The API at a URL, and what answers there if that is our own."""

    def __init__(self, url: str, own: Own | None = None) -> None:
        self.url, self._own = url, own
        self.joined = own is None  # somebody else runs it

    def wait(self) -> None:
        """Block until our own server answers. It listens from before its imports, so that
        one request waits in its queue and nothing is polled. Raises InputError where somebody else's is not there."""
        if self.joined and not answers(self.url):
            raise InputError(
                f"连不上 PREFECT_API_URL 指的 Prefect 服务 {self.url}：请先启动它，或取消这个环境变量再运行一次"
            )
        if not self.joined and not is_alive(self.url, START_LIMIT):
            raise ServerError(NOT_STARTED.format(os.environ["PREFECT_HOME"]))

    @contextmanager
    def flow_settings(self, far: bool = False) -> Iterator[None]:
        """Run flows inside this: waits for our server, and leaves out what costs time. `far`: tasks run elsewhere too.

        A sync flow waits up to 1 s for its heartbeat thread to end, and no environment
        variable can say None to that. Events and log lines of a run of our own server
        have no reader; unsent, they also cannot hold up or litter the end.
        """
        import prefect.flow_engine  # heavy: Prefect
        import prefect.task_engine  # noqa: F401  # heavy: Prefect
        from prefect import settings  # heavy: Prefect
        from prefect.events.clients import NullEventsClient  # heavy: Prefect
        from prefect.events.worker import EventsWorker  # heavy: Prefect

        changed: dict[Any, Any] = {settings.PREFECT_API_URL: self.url, settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
        logging.getLogger("EventsWorker").setLevel(logging.ERROR)  # it counts what it still has to send
        self.wait()
        if far or not self.joined:  # far away nothing reaches the server, which answers this PC only
            changed[settings.PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED] = False
        if far or not self.joined:
            changed[settings.PREFECT_LOGGING_TO_API_ENABLED] = False
        if not self.joined:
            changed[settings.PREFECT_CLIENT_CSRF_SUPPORT_ENABLED] = False
            EventsWorker.set_client_override(NullEventsClient)
        from httpx import TransportError  # heavy: httpx

        try:
            with settings.temporary_settings(changed):
                yield
        except TransportError as error:
            raise ServerError(f"与 Prefect 服务 {self.url} 的连接断了，没有做完：请再运行一次") from error
        finally:
            EventsWorker.set_client_override(None)

    @property
    def ended(self) -> bool:
        """Whether our own has ended by itself; of a joined server nobody here knows."""
        return self._own is not None and self._own.ended

    def stop(self) -> None:
        """End our own (also done at exit); a joined server is left alone."""
        own, self._own = self._own, None
        if own is None:
            return
        if os.environ.get("PREFECT_API_URL") == self.url:
            del os.environ["PREFECT_API_URL"]
        own.stop()


def is_alive(url: str, timeout: float) -> bool:
    """Whether the API at `url` answers its health check within `timeout` seconds."""
    from http.client import HTTPConnection, HTTPException  # heavy: email and ssl

    try:
        address = urlsplit(url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=timeout)
        connection.request("GET", f"{address.path}/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException, ValueError):
        return False


def answers(url: str) -> bool:
    """Whether anything speaks HTTP at somebody else's API, be it to refuse us; over TLS and proxies too."""
    from http.client import HTTPException  # heavy: email and ssl
    from urllib.error import HTTPError  # heavy: email and ssl
    from urllib.request import urlopen  # heavy: email and ssl

    try:
        urlopen(f"{url.rstrip('/')}/health", timeout=ANSWER_LIMIT).close()
    except HTTPError:
        return True
    except (OSError, HTTPException, ValueError):
        return False
    return True


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
    from prefect.server.api import background_workers  # heavy: Prefect
    from prefect.server.api import server as api  # heavy: Prefect
    from starlette.middleware.trustedhost import TrustedHostMiddleware  # heavy: asyncio

    from flows.serving.slow import slow_down  # heavy: Prefect
    from flows.web.seldom import Server as Seldom  # heavy: asyncio

    create_database(Path("prefect.db"))
    slow_down(background_workers, api)
    app = TrustedHostMiddleware(api.create_app(), allowed_hosts=list(LOOPBACK))
    gc.enable()
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    running.append(Seldom(config))
    running[0].run(sockets=[listener])


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
