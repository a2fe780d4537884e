"""Owns the way to the homeserver: passes everything on to a real one, and remembers each token that it hands out.

The first part of a path says whose request it is, the second how it fares: `passed` on, `held` until released, or refused with an
`echo` of all that was sent, as a hostile server would.
"""

import http.client
import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from secret_texts import SecretText, handed_out

_TOKENS = ("access_token", "refresh_token")
_PATIENCE = 120


@dataclass
class Case:
    """What one user of the recording_proxy did."""

    handed_out: list[SecretText] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def hold(self) -> None:
        """From now on requests to `held` wait."""
        self.arrived.clear()
        self.released.clear()

    def wait_for_request(self) -> None:
        if not self.arrived.wait(_PATIENCE):
            raise TimeoutError("no request came that could be held")


class Witness:
    def __init__(self, homeserver_url: str) -> None:
        self.homeserver = urlsplit(homeserver_url).netloc
        self.cases: dict[str, Case] = defaultdict(Case)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, case: str, way: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{case}/{way}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pass_on(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.homeserver, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def remember(self, case: str, answer: bytes) -> None:
        fields: dict[str, Any] = json.loads(answer)
        resource = fields.get("data")
        # What the admin API of MAS makes has its token further inside.
        fields = resource["attributes"] if isinstance(resource, dict) else fields
        for name in _TOKENS:
            if isinstance(fields.get(name), str):
                self.cases[case].handed_out.append(handed_out(f"handed-out {name}", fields[name]))


def _handler(recording_proxy: Witness) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            _, case, way, path = self.path.split("/", 3)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            recording_proxy.cases[case].paths.append(f"{way}/{path}")
            status, text = self.fare(case, way, "/" + path, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def fare(self, case: str, way: str, path: str, body: bytes) -> tuple[int, bytes]:
            if way == "echo":
                sent = f"{self.headers.get('Authorization')} {body.decode()}"
                return 403, json.dumps({"errcode": "M_FORBIDDEN", "error": sent}).encode()
            if way == "held":
                recording_proxy.cases[case].arrived.set()
                recording_proxy.cases[case].released.wait(_PATIENCE)
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
            headers = {name: value for name, value in headers.items() if value}
            status, text = recording_proxy.pass_on(self.command, path, body, headers)
            if status in (200, 201):
                recording_proxy.remember(case, text)
            return status, text

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Not needed: what matters is remembered."""

    return Handler
