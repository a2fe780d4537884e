"""Owns the real Synapse behind: requests are passed on to it, and every token is one that it gave."""

import hashlib
import hmac
import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from .messages import Request, Response

_PATIENCE = 180
_NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
_SHARED_SECRET = "shared_secret.SharedSecret"


class Synapse:
    def __init__(self, url: str, server_name: str, directory: Path) -> None:
        self._address = urlsplit(url).netloc
        self.server_name = server_name
        self._secret = _secret(directory / "homeserver.yaml")

    def pass_on(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if _is_passed_on(name)}
        target = request.path + (f"?{request.query}" if request.query else "")
        connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE)
        try:
            connection.request(request.method, target, request.body or None, headers)
            response = connection.getresponse()
            kind = response.headers.get("Content-Type", "")
            waits = response.headers.get("Retry-After")
            more = {"Retry-After": waits} if waits else {}
            return Response(response.status, response.read(), kind, more)
        finally:
            connection.close()

    def call(self, method: str, path: str, content: Any = None, token: str = "") -> Response:
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body = b"" if content is None else json.dumps(content).encode()
        return self.pass_on(Request(method, path, "", headers, body))

    def has_user(self, username: str) -> bool:
        path = f"/_matrix/client/v3/profile/{quote(self.user_id(username), safe='')}"
        return self.call("GET", path).status == 200

    def user_id(self, username: str) -> str:
        return f"@{username}:{self.server_name}"

    def new_token(self, username: str, device_id: str) -> str:
        """A normal session on the device, as a login gives it."""
        user_id = self.user_id(username)
        proof = hmac.new(self._secret, user_id.encode(), hashlib.sha512).hexdigest()
        login = {
            "type": "com.devture.shared_secret_auth",
            "identifier": {"type": "m.id.user", "user": user_id},
            "token": proof,
            "device_id": device_id,
        }
        response = self.call("POST", "/_matrix/client/v3/login", login)
        if response.status != 200:
            raise RuntimeError(f"Synapse gave no token: {response.body.decode()}")
        return str(response.json()["access_token"])

    def remove_device_of(self, token: str) -> None:
        """With all its tokens and keys."""
        self.call("POST", "/_matrix/client/v3/logout", {}, token)


def _is_passed_on(name: str) -> bool:
    return name not in _NOT_PASSED_ON


def _secret(configuration: Path) -> bytes:
    content = yaml.safe_load(configuration.read_text(encoding="utf-8"))
    for module in content.get("modules", []):
        if module["module"] == _SHARED_SECRET:
            return str(module["config"]["shared_secret"]).encode()
    raise SystemExit(
        f"start the homeserver with {_SHARED_SECRET}, as tests/homeserver/mas.yml has it"
    )
