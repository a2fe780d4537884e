"""Owns a CONNECT proxy that leads every name to one port of this machine, so that names without any DNS can be used with TLS."""

import socket
import threading

from bench.servers import http_message
from bench.servers.loopback_server import Listener


class ConnectProxy:
    """Listens on loopback until the benchmark ends."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        listener = Listener(self._tunnel)
        self.url = f"http://127.0.0.1:{listener.server_address[1]}"
        threading.Thread(target=listener.serve_forever, daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        if not http_message.read(client):
            return
        with socket.create_connection(("127.0.0.1", self._upstream)) as server:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join()


def _copy(source: socket.socket, destination: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            destination.sendall(piece)
        destination.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # whoever hung up knows why
