"""A stand-in for Prefect's server while one run goes on: six answers of its API, from a thread of the run's process.

A flow that nobody else watches asks its server for little: to write down the run, its name and its states. Prefect's
own takes 2 s and 150 MB of imports for that. Here the run and its states go into the same database, so that a
`cunhui serve`, or Prefect's own server, shows them among its own. A database that cannot be written stops no run:
what was collected stands in DuckDB. What goes wrong is noted in server.log, where
Prefect's server notes it too, and not on the screen.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import traceback
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, ClassVar
from uuid import uuid4

from flows.serving.server import LOOPBACK, Server
from flows.serving.tables import WAIT
from flows.store.statements import sql_beside

_SQL = sql_beside(__file__)
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
"""Types of state after which a run goes no further."""
EPOCH = datetime(1970, 1, 1)
"""Prefect keeps a length of time as the moment so long after this one."""
LOG = "server.log"
"""Beside the database; Prefect's own server writes there too."""
Row = dict[str, Any]
Answer = tuple[int, Any]


def start_recorder(database: Path) -> Server:
    """The API of a recorder that writes into Prefect's `database`, whose tables are there."""
    own = Recorder(database)
    return Server(own.url, own)


class Recorder:
    """The runs of this process, as Prefect's client asks for them."""

    def __init__(self, database: Path) -> None:
        self._database, self._lock = database, Lock()
        self._runs: dict[str, Row] = {}
        key = secrets.token_urlsafe(16)  # other users of this PC do not know the path
        self._http = _Http(self, key)
        self.url = f"http://{LOOPBACK[0]}:{self._http.server_port}/{key}/api"
        Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def ended(self) -> bool:
        """It ends with the process alone."""
        return False

    def stop(self) -> None:
        """Answer no more."""
        self._http.shutdown()
        self._http.server_close()

    def answer(self, method: str, path: str, sent: Row) -> Answer:
        """Status and body for one request; 404 for what a run without a deployment has never asked."""
        for verb, pattern, answering in _ANSWERS:
            if verb == method and (found := re.fullmatch(pattern, path)):
                with self._lock:
                    return answering(self, sent, *found.groups())
        self.note(f"not answered: {method} {path}")
        return 404, {"detail": "Not Found"}

    def note(self, words: str) -> None:
        """Say in the log what went wrong, as far as that can be written."""
        with suppress(OSError), self._database.with_name(LOG).open("a", encoding="utf-8") as log:
            log.write(f"{_now()} {words.rstrip()}\n")

    def _flow(self, sent: Row) -> Answer:
        flow = {"id": str(uuid4()), "name": sent["name"], "tags": sent["tags"], "labels": sent["labels"]}
        known = self._write(_SQL["flow"], flow)
        return 201, flow | ({"id": known[0]} if known else {})

    def _run(self, sent: Row) -> Answer:
        run = sent | {"id": str(uuid4()), "run_count": 0, "start_time": None, "end_time": None}
        run |= {"expected_start_time": _now(), "total_run_time": timedelta(), "labels": sent.get("labels") or {}}
        run["name"] = sent.get("name") or run["id"]
        self._runs[run["id"]] = run
        self._write(_SQL["run"], run)
        self._enter(run, sent["state"])
        return 201, _told(run)

    def _read(self, _: Row, key: str) -> Answer:
        return (200, _told(self._runs[key])) if key in self._runs else (404, {"detail": "Flow run not found"})

    def _name(self, sent: Row, key: str) -> Answer:
        run = self._runs[key]
        run["name"] = sent.get("name") or run["name"]
        self._write(_SQL["name"], run | {"updated": _now()})
        return 204, None

    def _set_state(self, sent: Row, key: str) -> Answer:
        state = self._enter(self._runs[key], sent["state"])
        return 201, {"state": state, "status": "ACCEPT", "details": {"type": "accept_details"}}

    def _enter(self, run: Row, sent: Row) -> Row:
        """The run's next state; when it began, ended and how long it ran follow from it."""
        now = _now()
        state = sent | {"id": str(uuid4()), "timestamp": now, "name": sent.get("name") or sent["type"].title()}
        if state["type"] == "RUNNING":
            run["run_count"] += 1
            run["start_time"] = run["start_time"] or now
        if state["type"] in FINAL:
            run["end_time"] = now
            run["total_run_time"] = now - (run["start_time"] or now)
        run |= {"state": state, "state_id": state["id"], "state_type": state["type"], "state_name": state["name"]}
        self._write(_SQL["state"], state | {"flow_run_id": run["id"]})
        self._write(_SQL["at"], run | {"state_timestamp": now, "updated": now})
        return state

    def _write(self, statement: str, row: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement with the row's values; what it returns, None where it returned nothing or failed."""
        try:
            with closing(sqlite3.connect(self._database, timeout=WAIT)) as connection, connection:
                return connection.execute(statement, {key: _kept(value) for key, value in row.items()}).fetchone()
        except sqlite3.Error as error:
            self.note(f"the record of the run was not written: {error}")
            return None


_ANSWERS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", "/health", lambda *_: (200, True)),
    ("GET", "/admin/storage", lambda *_: (200, {"default_result_storage_block_id": None})),
    ("POST", "/flows/", Recorder._flow),
    ("POST", "/flow_runs/", Recorder._run),
    ("GET", "/flow_runs/([0-9a-f-]+)", Recorder._read),
    ("PATCH", "/flow_runs/([0-9a-f-]+)", Recorder._name),
    ("POST", "/flow_runs/([0-9a-f-]+)/set_state", Recorder._set_state),
)


class _Http(ThreadingHTTPServer):
    """Notes what goes wrong with a request; the client may go away in the middle of one."""

    def __init__(self, recorder: Recorder, key: str) -> None:
        handler = type("Handler", (_Handler,), {"recorder": recorder, "root": f"/{key}/api"})
        super().__init__((LOOPBACK[0], 0), handler)
        self._recorder = recorder

    def handle_error(self, request: object, client_address: object) -> None:
        """In the log, not on the screen."""
        del request, client_address
        self._recorder.note(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    """JSON in, JSON out, over a connection that is kept."""

    recorder: ClassVar[Recorder]
    root: ClassVar[str]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length) or b"{}")
        known = self.path.startswith(f"{self.root}/")
        path = self.path.removeprefix(self.root)
        status, said = self.recorder.answer(self.command, path, sent) if known else (404, {"detail": "Not Found"})
        body = b"" if status == 204 else json.dumps(said, default=_json, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: every request is the run's own."""


def _now() -> datetime:
    """This moment in UTC, without its zone, as Prefect keeps it in SQLite."""
    return datetime.now(UTC).replace(tzinfo=None)


def _kept(value: Any) -> Any:
    """A value as Prefect keeps it in SQLite."""
    if isinstance(value, timedelta):
        value = EPOCH + value
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return json.dumps(value, default=_json) if isinstance(value, dict | list) else value


def _json(value: Any) -> Any:
    """What JSON has no word for, as Prefect's client reads it."""
    return value.total_seconds() if isinstance(value, timedelta) else f"{value.isoformat()}Z"


def _told(run: Row) -> Row:
    """A run as the API gives it."""
    return {key: value for key, value in run.items() if value is not None}
