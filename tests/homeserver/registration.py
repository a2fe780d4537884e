"""Owns the shared-secret registration of users: the one admin API call that needs no admin yet."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Any

_PATH = "/_synapse/admin/v1/register"


def register(
    homeserver_url: str, shared_secret: str, user: str, password: str, admin: bool = False
) -> None:
    """Makes sure that the user exists. One that does already keeps its password."""
    nonce = _request(homeserver_url)["nonce"]
    fields = [nonce, user, password, "admin" if admin else "notadmin"]
    mac = hmac.new(shared_secret.encode(), "\0".join(fields).encode(), hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": user, "password": password, "admin": admin, "mac": mac}
    body["inhibit_login"] = True  # else the registration leaves a session and its device behind
    try:
        _request(homeserver_url, body)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
        if answer.get("errcode") != "M_USER_IN_USE":
            raise SystemExit(f"{user} was not registered: {answer}") from error


def _request(homeserver_url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    # The server is on loopback: a proxy in the environment is none of its business.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        homeserver_url.rstrip("/") + _PATH, data, {"Content-Type": "application/json"}
    )
    with opener.open(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
