"""Owns example.com: a real Synapse of that name, and a proxy that is https://example.com and https://matrix.example.com to whoever asks it.

So an example is run as it is written, discovery and certificates included.
"""

import json
import secrets
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import yaml

import single_sign_on
from pages import PROJECT

_HOMESERVER = PROJECT / "tests/homeserver/homeserver.py"
_MAS = PROJECT / "tests/homeserver/start_mas.py"
_MAS_SETTINGS = PROJECT / "tests/homeserver/mas.yml"
_PROXY = PROJECT / "tests/homeserver/proxy.py"
_HOSTS = ("example.com", "matrix.example.com")
# Every user that an example logs in. Their passwords are all the same.
_USERS = (
    "admin alertmanager alice baibot bot.alertmanager.receiver bot.draupnir hookshot postmoogle "
    "reminder reports uvs"
).split()


class ExampleCom:
    def __init__(self, folder: Path, with_mas: bool = False) -> None:
        self.password = secrets.token_urlsafe(24)
        self.as_token = secrets.token_urlsafe(24)
        self.ca = folder / "ca.pem"
        self._cas = single_sign_on.start()
        settings = self._write_settings(folder, with_mas)
        self._synapse = subprocess.Popen(
            [sys.executable, _HOMESERVER, "serve", f"--settings={settings}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._synapse.stdout
        description = json.loads(self._synapse.stdout.readline())
        self._directory, self._url = description["directory"], description["homeserver_url"]
        # What tests/homeserver/start_mas.py says of it, or nothing.
        self.mas: dict[str, str] = self._start_mas() if with_mas else {}
        self._proxy = ThreadingTCPServer(("127.0.0.1", 0), _handler(self._start_tls(folder)))
        self._proxy.daemon_threads = True
        Thread(target=self._proxy.serve_forever, daemon=True).start()
        for user in _USERS:
            self._register(user, *(["--admin"] if user == "admin" else []))

    def stop(self) -> None:
        self._proxy.shutdown()
        self._proxy.server_close()
        self._synapse.communicate(timeout=30)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find it."""
        return {
            "https_proxy": f"http://127.0.0.1:{self._proxy.server_address[1]}",
            "SSL_CERT_FILE": str(self.ca),
            "CURL_CA_BUNDLE": str(self.ca),
        }

    def token_of(self, user: str) -> str:
        """A token that the module has nothing to do with, as from Element Web."""
        identifier = {"type": "m.id.user", "user": user}
        body = {"type": "m.login.password", "identifier": identifier, "password": self.password}
        return str(self._request("/_matrix/client/v3/login", body)["access_token"])

    def login_token_of(self, user: str) -> str:
        """What the address bar of a browser shows after single sign-on."""
        return single_sign_on.log_in(self._url, user)

    def log_out(self, token: str) -> None:
        """As somebody does in Element."""
        self._request("/_matrix/client/v3/logout", {}, {"Authorization": f"Bearer {token}"})

    def _request(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(self._url + path, json.dumps(body).encode(), headers or {})
        with opener.open(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def _register(self, user: str, *flags: str) -> None:
        command = [sys.executable, str(_HOMESERVER), "register", self._directory, user, "-", *flags]
        subprocess.run(command, input=self.password.encode(), check=True)

    def _start_tls(self, folder: Path) -> str:
        """In front of Synapse; it ends when Synapse does."""
        _make_certificate(folder)
        command = [sys.executable, str(_PROXY), "tls", self._directory]
        command += [str(folder / "certificate.pem"), str(folder / "key.pem")]
        command += ["--to", self.mas["homeserver_url"]] if self.mas else []
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            return process.stdout.readline().strip()

    def _start_mas(self) -> dict[str, str]:
        command = [sys.executable, str(_MAS), self._directory]
        command += ["--issuer", "https://matrix.example.com/"]
        started = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        description: dict[str, str] = json.loads(started.stdout)
        return description

    def _write_settings(self, folder: Path, with_mas: bool) -> Path:
        registration = folder / "double_puppets.yml"
        registration.write_text(json.dumps(_bridge(self.as_token)))
        settings = yaml.safe_load(_MAS_SETTINGS.read_text(encoding="utf-8")) if with_mas else {}
        settings |= {
            "server_name": "example.com",
            "public_baseurl": "https://matrix.example.com/",
            "app_service_config_files": [str(registration)],
            "cas_config": {"enabled": True, "server_url": self._cas},
        }
        file = folder / "settings.yml"
        file.write_text(json.dumps(settings))
        return file


def _bridge(as_token: str) -> dict[str, Any]:
    return {
        "id": "double_puppets",
        "url": None,
        "as_token": as_token,
        "hs_token": secrets.token_urlsafe(24),
        "sender_localpart": "double_puppets",
        "rate_limited": False,
        "namespaces": {"users": [{"regex": "@.*", "exclusive": False}]},
    }


def _make_certificate(folder: Path) -> None:
    """Signed by a CA of its own: not every client trusts a certificate that signs itself."""
    new = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split()
    names = ",".join(f"DNS:{host}" for host in _HOSTS)
    for more in (
        "-keyout ca.key -out ca.pem -subj /CN=ca".split(),
        "-CA ca.pem -CAkey ca.key -keyout key.pem -out certificate.pem -subj".split()
        + ["/CN=example.com", "-addext", f"subjectAltName={names}"]
        + ["-addext", "basicConstraints=critical,CA:FALSE"],
    ):
        subprocess.run([*new, *more], cwd=folder, check=True, capture_output=True)


def _handler(tls_url: str) -> type[BaseRequestHandler]:
    tls = ("127.0.0.1", urlsplit(tls_url).port)

    class Handler(BaseRequestHandler):
        """One CONNECT: here is the other end of the tunnel, whichever host was meant."""

        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                head += self.request.recv(1)
            if head.split()[1].decode().removesuffix(":443") not in _HOSTS:
                self.request.sendall(b"HTTP/1.1 502 there is no such host\r\n\r\n")
                return
            self.request.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
            with socket.create_connection(tls) as upstream:
                Thread(target=_copy, args=(upstream, self.request), daemon=True).start()
                _copy(self.request, upstream)

    return Handler


def _copy(source: socket.socket, destination: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            destination.sendall(data)
        destination.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # whoever hung up knows why
