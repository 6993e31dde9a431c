"""Who may use the page: whoever has the link that was printed, from this PC, from the page itself, and nobody else."""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OWN_PAGES = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Of a page that was emitted: it carries a stricter policy of its own inside, and both hold."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_DAYS = 30
"""The cookie outlives the browser, so that the page can be opened again; it ends with the process that gave it."""
SMALL = 2 << 20
"""Bytes of a request that is no file: a roster of a county takes 0.2 MB."""
_READING = ("GET", "HEAD")


class Guard:
    """The outermost layer. `link` opens once; the cookie it gives is good as long as the process lives."""

    def __init__(self, app: ASGIApp, port: int, seen: Callable[[], None]) -> None:
        self.app, self.seen = app, seen
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self.cookie = f"cunhui{port}"  # a browser keeps one jar for all ports
        self.link: str | None = secrets.token_urlsafe(24)
        self._cookie = secrets.token_urlsafe(24)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it before anything looks at it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send) if scope["type"] == "lifespan" else None
        answer = self._refusal(scope)
        if answer is None:
            self.seen()
        await (answer or self.app)(scope, receive, with_headers(send))
        return None

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self.hosts or len(headers.getlist("host")) != 1:
            return PlainTextResponse("只能从本机打开。", 400)
        reading = scope["method"] in _READING
        site = headers.get("sec-fetch-site", "none" if reading else "same-origin")
        if site != "same-origin" and not (reading and site == "none"):
            return PlainTextResponse("不接受别的网页发来的请求。", 403)
        if not reading and headers.get("origin") != f"http://{host}":
            return PlainTextResponse("不接受别的网页发来的请求。", 403)
        if self._has_cookie(headers):
            return None
        return self._opened(scope)

    def _has_cookie(self, headers: Headers) -> bool:
        pairs = [pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";")]
        return any(name == self.cookie and _same(value, self._cookie) for name, _, value in pairs)

    def _opened(self, scope: Scope) -> Response:
        """The first link, once: it gives the cookie."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("k", [""])[0]
        if scope["path"] != "/" or scope["method"] != "GET" or self.link is None or not _same(given, self.link):
            return PlainTextResponse(
                "请用 cunhui web 给出的链接打开；链接只能用一次，过期了请重新运行 cunhui web。", 403
            )
        self.link = None
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, self._cookie, httponly=True, samesite="strict", path="/", max_age=_DAYS * 86_400)
        return answer


def _same(given: str, right: str) -> bool:
    return secrets.compare_digest(given.encode(), right.encode())


def with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    """Sends what the page's server says of every answer as well."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", _POLICY)
        await send(message)

    return answer
