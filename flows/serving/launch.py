"""Find the Prefect API for one local run, and let it boot while we do something useful.

Prefect needs a server even for one run on one PC, and starts its own only when the first flow is called, after every
import. A `cunhui serve` of these outputs is joined. Else a recorder in a thread of ours writes the run down; where
Prefect's tables are not those we know, Prefect's own server does, which boots on the second core while the caller
imports pandas and the rest. So this module imports nothing heavy, and Prefect only once the environment is prepared.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from pathlib import Path

from flows.serving.server import LOOPBACK, START_LIMIT, Server, is_alive, spawn
from flows.serving.tables import create_database
from schemas.errors import InputError

_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
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


def start_server(outputs: Path) -> Server:
    """Join a server, or begin to start one, and set PREFECT_API_URL to it.

    First choice is PREFECT_API_URL as given, then the `cunhui serve` of these outputs.
    Returns in 0.05 s; `Server.flow_settings` waits for the rest.
    """
    home = prepare_environment(outputs)
    if url := os.environ.get("PREFECT_API_URL"):
        return Server(url)
    url = served_url(outputs)
    server = Server(url) if url else _own(home)
    os.environ["PREFECT_API_URL"] = server.url
    return server


def _own(home: Path) -> Server:
    """Raises ServerError where it cannot be started."""
    database = home / "prefect.db"
    try:
        known = create_database(database)
    except sqlite3.Error:  # Prefect's own server says what is wrong with it in its log
        known = False
    if not known:
        return spawn(home, ONE_RUN)
    from flows.serving.recorder import start_recorder  # heavy: http.server, email and ssl

    return start_recorder(database)


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
