"""The Prefect API that a run talks to: somebody else's, or one of our own that ends with the run."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

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
