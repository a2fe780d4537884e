"""Owns where an HTTP message ends: enough of HTTP/1.1 to pass messages on byte by byte."""

import socket
from dataclasses import dataclass

_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """A whole request or answer, as it came."""

    content: bytes

    @property
    def first_line(self) -> str:
        return self.content.partition(b"\r\n")[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        head, _, rest = self.content.partition(_END_OF_HEAD)
        return _joined(rest) if _is_chunked(head) else rest


def read(connection: socket.socket) -> Message | None:
    """The next message; nothing if the other side has hung up."""
    content = b""
    while not _is_complete(content):
        more = connection.recv(65536)
        if not more:
            return None
        content += more
    return Message(content)


def _is_complete(content: bytes) -> bool:
    head, end, rest = content.partition(_END_OF_HEAD)
    if not end:
        return False
    if _is_chunked(head):
        return rest.endswith(b"0\r\n\r\n")
    return len(rest) >= int(_header(head, b"content-length") or 0)


def _is_chunked(head: bytes) -> bool:
    return _header(head, b"transfer-encoding") == b"chunked"


def _header(head: bytes, name: bytes) -> bytes | None:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().lower()
    return None


def _joined(chunks: bytes) -> bytes:
    body = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size, 16)
        body, chunks = body + rest[:length], rest[length + 2 :]
        if not length:
            break
    return body
