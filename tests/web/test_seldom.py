"""A server that looks seldom answers at once and ends when it is told to."""

import asyncio
import socket
import threading
from http.client import HTTPConnection

import uvicorn

from flows.web.seldom import Server


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def test_server_answers_with_a_date_and_ends_when_it_is_told_to():
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(hello, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    connection = HTTPConnection(*listener.getsockname(), timeout=30)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.read(), answer.getheader("date", "")[-3:]) == (b"hello", "GMT")
    connection.close()
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()
