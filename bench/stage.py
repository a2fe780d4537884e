"""Owns what every measurement plays on: a folder, programs, a certificate, and a server that answers as Synapse does, at once."""

import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "bench"
BINARY = ROOT / f"ansible/plugins/modules/__bin/linux_{os.uname().machine}/matrix_access_token"
SESSION = {"user_id": "@bench:hs.test", "device_id": "BENCH", "access_token": "syt_YmVuY2g_bench"}
PASSWORD = "a-password-that-only-this-run-knows"
_ANSWERS = {
    "/account/whoami": {"user_id": "@bench:hs.test", "device_id": "BENCH", "is_guest": False},
    "/login": {**SESSION, "home_server": "hs.test"},
}
_CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split()
)


@dataclass(frozen=True)
class Site:
    """Where the requests go: plain HTTP or TLS. `trust` is for clients that trust either the system's CA certificates or others."""

    name: str
    url: str
    folder: Path
    ca: Path | None = None
    trust: Path | None = None

    def arguments(self, **options: Any) -> dict[str, Any]:
        """Of the module, for a task with `no_log: true`."""
        given = {
            "homeserver_url": self.url,
            "password": PASSWORD,
            "ca_path": str(self.ca or ""),
        }
        return given | {"user_id": SESSION["user_id"], "device_id": SESSION["device_id"]} | options

    @property
    def session_file(self) -> str:
        """With a session that works, as the module keeps it."""
        return str(write(self.folder / f"{self.name}.json", {"homeserver": self.url, **SESSION}))


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ca, trust = _make_certificates(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.http = Site("http", _serve(None), folder)
        self.https = Site("https", _serve(context), folder, ca, trust)
        self.noop, self.measure = folder / "noop", folder / "measure"
        # For the module's target, with its profile.
        rustc = ["rustc", "--edition=2024", f"--target={os.uname().machine}-unknown-linux-musl"]
        rustc += "-Copt-level=z -Clto=fat -Ccodegen-units=1 -Cstrip=symbols -Cpanic=abort".split()
        subprocess.run([*rustc, "-o", str(self.noop), str(HERE / "noop.rs")], check=True)
        cc = ["cc", "-O2", "-static", "-o", str(self.measure), str(HERE / "measure.c")]
        subprocess.run(cc, check=True)


def write(file: Path, content: object) -> Path:
    """For nobody else to read."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def _make_certificates(folder: Path) -> tuple[Path, Path]:
    """A CA that signs the server's; and the bundle in which it stands beside the system's, for every client has those to read."""
    names = [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ]
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", *names]
    for name, more in (("ca", []), ("server", signed)):
        command = [*_CERTIFICATE, "-subj", f"/CN={name}", "-keyout", f"{name}.key", *more]
        subprocess.run(
            [*command, "-out", f"{name}.pem"], cwd=folder, check=True, capture_output=True
        )
    system = Path("/etc/ssl/certs/ca-certificates.crt")
    store = system if system.exists() else Path(ssl.get_default_verify_paths().openssl_cafile)
    bundle = folder / "bundle.pem"
    bundle.write_text(store.read_text() + (folder / "ca.pem").read_text())
    return folder / "ca.pem", bundle


def _serve(tls: ssl.SSLContext | None) -> str:
    """Until the benchmark ends: its threads end with the process."""

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            if tls:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def handle(self) -> None:
            while line := self.rfile.readline():
                length = 0
                while (header := self.rfile.readline().lower()).strip():
                    if header.startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                self.rfile.read(length)
                path = line.decode().split()[1].partition("/client/v3")[2]
                body = json.dumps(_ANSWERS[path]).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
                self.wfile.write(head.encode() + b"\r\n\r\n" + body)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client may hang up; anything else is a mistake here."""
            if not isinstance(sys.exception(), OSError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
