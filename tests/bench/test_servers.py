"""Owns the proof that the benchmark's servers pass on what they are given, whole."""

import socket
import threading

from bench.servers import http_message
from bench.servers.delay import DelayingProxy
from bench.servers.http_message import Message
from bench.servers.loopback_server import LoopbackServer
from bench.servers.recording import Recording

# bench.places is the way to it.
import relay

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
REQUEST = b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"


def test_a_message_in_pieces_is_read_to_its_end() -> None:
    ours, theirs = socket.socketpair()
    for piece in (CHUNKED[:20], CHUNKED[20:60], CHUNKED[60:]):
        theirs.sendall(piece)
    message = http_message.read(ours)
    assert message and message.body == b"abcde"


def test_a_recording_says_again_what_the_server_said_without_asking_it() -> None:
    server = LoopbackServer(lambda request: CHUNKED)
    recording = Recording(server.url)
    assert recording.pass_on(Message(REQUEST)) == CHUNKED
    assert recording.repeat(Message(REQUEST)) == CHUNKED
    assert (server.seen.requests, server.seen.connections) == (["POST /x"], 1)


def test_the_delaying_proxy_passes_on_every_byte_in_its_order() -> None:
    sent = [bytes([number]) * 5000 for number in range(50)]
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_echo, args=(listener,), daemon=True).start()
    proxy = DelayingProxy(listener.getsockname()[1], round_trip=0.05)
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        connection.settimeout(30)
        for piece in sent:
            connection.sendall(piece)
        received = _exactly(connection, 250_000)
    assert received == b"".join(sent)


def test_the_proxies_before_the_homeserver_hold_nothing_back() -> None:
    with relay.listen() as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def _echo(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    while data := connection.recv(65536):
        connection.sendall(data)


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += connection.recv(65536)
    return received
