"""Owns the real homeserver of the run: Synapse, the TLS proxy before it, and users with sessions on it."""

import json
import subprocess
import sys
from typing import Any

from bench.places import HOMESERVER
from bench.servers import recording
from bench.servers.certificates import Certificates
from bench.servers.http_message import Message

# bench.places is the way to it.
import registration

PASSWORD = "a-password-that-only-this-run-knows"
_SETTING = "public_baseurl=https://hs.test/"  # so that it can be found by its name

Session = dict[str, str]


class Homeserver:
    """Ends when the benchmark does, however that ends: its standard input closes then."""

    def __init__(self, certificates: Certificates) -> None:
        command = [sys.executable, str(HOMESERVER / "homeserver.py"), "serve", f"--set={_SETTING}"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe)
        assert self._process.stdout
        description = json.loads(self._process.stdout.readline())
        self.url: str = description["homeserver_url"]
        self._directory: str = description["directory"]
        self._shared_secret: str = description["registration_shared_secret"]
        self.tls_url = self._start_tls(certificates)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        self._process.communicate(timeout=30)

    def register(self, localpart: str) -> None:
        registration.register(self.url, self._shared_secret, localpart, PASSWORD)

    def log_in(self, localpart: str, device_id: str) -> Session:
        """A session that no peer has had a part in."""
        answer = recording.ask(self.port, login_request(localpart, device_id))
        if not succeeded(answer):
            raise RuntimeError(f"the homeserver refused a login: {answer.first_line}")
        session = json.loads(answer.body)
        return {key: session[key] for key in ("user_id", "device_id", "access_token")}

    def _start_tls(self, certificates: Certificates) -> str:
        command = [sys.executable, str(HOMESERVER / "tls_proxy.py"), self._directory]
        command += [str(certificates.certificate), str(certificates.key)]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return run.stdout.strip()


def login_body(localpart: str, device_id: str) -> dict[str, Any]:
    return {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": localpart},
        "password": PASSWORD,
        "device_id": device_id,
    }


def login_request(localpart: str, device_id: str) -> bytes:
    body = json.dumps(login_body(localpart, device_id)).encode()
    return (
        b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def whoami_request(access_token: str) -> bytes:
    return (
        b"GET /_matrix/client/v3/account/whoami HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + f"Authorization: Bearer {access_token}\r\n\r\n".encode()
    )


def succeeded(answer: Message) -> bool:
    return answer.first_line.split(" ")[1] == "200"
