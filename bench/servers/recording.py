"""Owns a homeserver's answers: passes requests on to it, keeps what it says, and says the same again without it."""

import socket
import time
from urllib.parse import urlsplit

from bench.servers import http_message
from bench.servers.http_message import Message


class Recording:
    """The answer to each kind of request, byte by byte as the real homeserver gave it last."""

    def __init__(self, homeserver_url: str) -> None:
        self._port = urlsplit(homeserver_url).port
        self._answers: dict[str, bytes] = {}

    def pass_on(self, request: Message) -> bytes:
        answer = ask(self._port, request.content).content
        self._answers[request.first_line] = answer
        return answer

    def of_whoami(self) -> bytes:
        return next(answer for line, answer in self._answers.items() if "/whoami" in line)

    def repeat(self, request: Message) -> bytes:
        return self._answers[request.first_line]


def ask(port: int | None, request: bytes) -> Message:
    """The plainest client there can be: a connection, the bytes of a request, the bytes of an answer."""
    with socket.create_connection(("127.0.0.1", port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        connection.sendall(request)
        answer = http_message.read(connection)
    if not answer:
        raise ConnectionError("the homeserver hung up")
    return answer


def timed(port: int, request: bytes) -> float:
    """Seconds from the connection to the end of the answer."""
    start = time.monotonic()
    ask(port, request)
    return time.monotonic() - start
