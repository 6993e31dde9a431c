"""Start Prefect for one local run, and let it boot while we do something useful.

Prefect needs a server even for one run on one PC, and starts its own only when the
first flow is called, after every import. Here its process starts first and boots on
the second core while the caller imports pandas and the rest. So this module imports
nothing heavy, and Prefect only inside functions, once the environment is prepared.

Seconds from the command to its end for a flow of 8 empty tasks, median of 5, 2 cores:

    Prefect alone            12.8 in a new folder, 6.4 in a used one
    with this module          2.9                  2.7
    beside a `cunhui serve`                        1.3

2.0 of the 2.7 are the server's imports, which no setting shortens. The rest of the gain:
no migrations (5 s, `launch.sql`), no heartbeat thread to wait for (0.9), no graceful
end of a server that has nothing to save (0.9).
"""

from __future__ import annotations

import atexit
import errno
import gc
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schemas.errors import InputError, ServerError

ANSWER_LIMIT = 10  # seconds in which a server that runs already must answer
START_LIMIT = 120  # seconds; Prefect's own limit of 20 has been too short on a cold start
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
LOOPBACK = ("127.0.0.1", "localhost")
SETTINGS = {
    "DO_NOT_TRACK": "1",  # the only switch that the client's analytics know
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_COLORS": "false",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(START_LIMIT),
}
# Relative to the server's folder: in a URL, "%" or "?" in the name of a folder goes wrong.
DATABASE = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///prefect.db"}
# A server for one run keeps no history of tasks (ours is in DuckDB) and has no page.
# Its recorder would also lock SQLite against the client, which then sleeps for 2 s.
ONE_RUN = {
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",  # else it notes them as registered
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


def prepare_environment(outputs: Path) -> Path:
    """Set what Prefect reads when it is imported; return its home, `<outputs>/.prefect`.

    Fills gaps only: what the environment says already, stays. A home of its own also
    keeps the user's profiles (and Prefect Cloud) out of it.
    """
    home = Path(os.environ.setdefault("PREFECT_HOME", str(Path(outputs).absolute() / ".prefect")))
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "server.log").open("ab").close()
    except OSError as error:
        if error.errno not in _UNWRITABLE or home.is_relative_to(Path(outputs).absolute()):
            raise
        raise InputError(
            f"PREFECT_HOME 指的文件夹 {home} 写不进去：请改指一个能写的文件夹，或取消这个环境变量"
        ) from None
    os.environ.setdefault("PREFECT_PROFILES_PATH", str(home / "profiles.toml"))
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    for name in ("NO_PROXY", "no_proxy"):  # an office proxy is not asked for 127.0.0.1
        known = filter(None, os.environ.get(name, "").split(","))
        os.environ[name] = ",".join(dict.fromkeys([*known, *LOOPBACK]))
    return home


NOT_STARTED = (
    "Prefect 服务没有启动成功（可能没有空闲的端口，或磁盘满了）；收到的文件和已入库的数都在。请再试一次；"
    "仍不行时，删除 {} 后重试（其中没有上报数据）。"
)


class Server:
    """The Prefect API a run talks to: one that was there already, or our own process."""

    def __init__(self, url: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.url, self._process = url, process
        self.joined = process is None  # somebody else runs it

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
        if far:  # those that run there cannot reach the server, which answers this PC only
            changed[settings.PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED] = False
        if far or not self.joined:
            changed[settings.PREFECT_LOGGING_TO_API_ENABLED] = False
        if not self.joined:
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
        """Whether our own process has ended by itself; of a joined server nobody here knows."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End our own process (also done at exit); a joined server is left alone."""
        process, self._process = self._process, None
        if process is None:
            return
        if os.environ.get("PREFECT_API_URL") == self.url:
            del os.environ["PREFECT_API_URL"]
        if process.stdin:  # its end tells the server to stop
            process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start_server(outputs: Path) -> Server:
    """Join a server, or begin to start one, and set PREFECT_API_URL to it.

    First choice is PREFECT_API_URL as given, then the `cunhui serve` of these outputs.
    Returns in 0.05 s; `Server.flow_settings` waits for the rest.
    """
    home = prepare_environment(outputs)
    if url := os.environ.get("PREFECT_API_URL"):
        return Server(url)
    url = served_url(outputs)
    server = Server(url) if url else spawn(home, ONE_RUN)
    os.environ["PREFECT_API_URL"] = server.url
    return server


def url_file(outputs: Path) -> Path:
    """Where `cunhui serve` writes the address of its API while it runs."""
    return Path(outputs) / ".prefect" / "server.url"


def served_url(outputs: Path) -> str | None:
    """The API of the `cunhui serve` that runs on this PC for these outputs, if any."""
    try:
        url = url_file(outputs).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return url if re.fullmatch(r"http://127\.0\.0\.1:\d{1,5}/api", url) and is_alive(url, timeout=1) else None


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


def spawn(home: Path, settings: Mapping[str, str], port: int = 0) -> Server:
    """Start a server on loopback that does not outlive this process.

    It works in `home`, away from any prefect.toml or .env where the user happens to
    be, and in a session of its own: Ctrl-C must reach the flow, which still reports to
    the server, and not the server. A `port` of 0, or one that is taken: any free one.
    """
    code = (
        f"import sys; sys.path[:] = {[os.path.abspath(p) for p in sys.path]!r}; "
        f"from flows.serving.launch import run_server; run_server({port}, {os.getpid()})"
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
        server = Server(said.readline().decode().strip(), process)
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

    _create_database(Path("prefect.db"))
    app = TrustedHostMiddleware(create_app(), allowed_hosts=list(LOOPBACK))
    gc.enable()
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    running.append(uvicorn.Server(config))
    running[0].run(sockets=[listener])


def _create_database(path: Path) -> None:
    """Lay down the tables that Prefect's 113 migrations would make, in 0.03 s for 5 s.

    Only for the Prefect the file was dumped from; it then finds nothing to migrate.
    One transaction, so neither a kill nor a second process leaves half of it.
    """
    import sqlite3  # heavy: SQLite

    import prefect  # heavy: Prefect

    schema = Path(__file__).with_suffix(".sql")
    if path.exists() or not schema.exists():
        return
    sql = schema.read_text(encoding="utf-8")
    if not sql.startswith(f"-- prefect {prefect.__version__}\n"):
        return
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.executescript(sql)
    except sqlite3.OperationalError:
        pass  # another process was first
    finally:
        connection.close()


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
