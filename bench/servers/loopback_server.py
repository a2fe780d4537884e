"""Owns an HTTP server on loopback, with or without TLS, that counts what it is asked. What it answers, others decide."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.servers import http_message
from bench.servers.http_message import Message

Answer = Callable[[Message], bytes]


@dataclass
class Seen:
    """What a server was asked: the first line of each request, and over how many connections."""

    requests: list[str] = field(default_factory=list)
    connections: int = 0


class Listener(socketserver.ThreadingTCPServer):
    """Hands each connection to `handle`, in a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handle: Callable[[socket.socket], None]) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self._handle = handle

    def finish_request(self, request: Any, client_address: Any) -> None:
        self._handle(request)


class LoopbackServer:
    """Listens until the benchmark ends: its threads end with the process."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer, self._tls = answer, tls
        self.seen = Seen()
        self._listener = Listener(self._handle)
        self.port: int = self._listener.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    def _handle(self, raw: socket.socket) -> None:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.seen.connections += 1
        try:
            connection = self._tls.wrap_socket(raw, server_side=True) if self._tls else raw
            while request := http_message.read(connection):
                self.seen.requests.append(request.first_line.rpartition(" ")[0])
                connection.sendall(self._answer(request))
        except OSError:
            pass  # the client hung up, as it may
