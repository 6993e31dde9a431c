"""Where villages reach their part of the page: the address, and the server that listens there."""

import errno
import socket
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from flows.web.seldom import Server
from schemas.errors import InputError
from schemas.inputs import load_inputs
from schemas.township import Web


def settings_of(inputs: Path, year: int | None) -> Web:
    """What the settings say of it; closed, where they cannot be read."""
    try:
        return load_inputs(inputs, year).settings.web
    except InputError:
        return Web()


def address_of(web: Web) -> str:
    """What stands before every link: `http://192.168.1.10:4301`."""
    if web.address:
        return web.address.rstrip("/")
    host = own_address() if ip_address(web.host).is_unspecified else web.host
    return f"{'https' if web.certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{web.port}"


def own_address() -> str:
    """This PC's address in its network: the one from which others would be reached; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
            return str(asking.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def told(web: Web) -> list[str]:
    """What whoever starts it is to know."""
    lines = [f"各单位可以用自己的链接报送，地址是 {address_of(web)}（链接用 cunhui links 生成）。"]
    if not web.certificate:
        lines.append(
            "注意：没有证书（township.toml 里 [web] 的 certificate、key），链接和报表在网上不加密，只在信得过的网里用。"
        )
    return lines


def server(web: Web, inputs: Path, app: ASGIApp) -> tuple[uvicorn.Server, socket.socket]:
    """A server for that, not yet running, and where it listens already.

    Raises InputError for a certificate or a port that cannot be used.
    """
    files = [str(inputs / name) for name in (web.certificate, web.key) if name]
    if files:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*files)
        except (OSError, ssl.SSLError):
            raise InputError(f"证书 {files[0]} 或私钥 {files[1]} 打不开，或者两个不是一对") from None
    try:
        listener = socket.create_server((web.host, web.port), family=_family(web.host), backlog=64)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise InputError(f"这台电脑没有 {web.host} 这个地址，请改 [web] 的 host，或写 0.0.0.0（全部）") from None
        why = "正被别的程序占用" if error.errno == errno.EADDRINUSE else f"系统不给用，代号 {error.errno}"
        raise InputError(f"{web.host} 的端口 {web.port} 用不了（{why}），请在 [web] 里换一个 port") from None
    secure: dict[str, Any] = {"ssl_certfile": files[0], "ssl_keyfile": files[1]} if files else {}
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, lifespan="off", server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=2, h11_max_incomplete_event_size=32 << 10,
        limit_concurrency=64, **secure,
    )  # fmt: skip
    return Server(config), listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
