"""Owns the accounts of a throwaway homeserver: the shared-secret registration, which needs no admin yet, and those that a scenario begins with."""

import hashlib
import hmac
import json
import secrets
import urllib.error
import urllib.request
from typing import Any

_REGISTER = "/_synapse/admin/v1/register"
_LOGIN = "/_matrix/client/v3/login"


def register(
    homeserver_url: str, shared_secret: str, user: str, password: str, admin: bool = False
) -> None:
    """Makes sure that the user exists. One that does already keeps its password."""
    url = homeserver_url.rstrip("/") + _REGISTER
    nonce = _request(url)["nonce"]
    fields = [nonce, user, password, "admin" if admin else "notadmin"]
    mac = hmac.new(shared_secret.encode(), "\0".join(fields).encode(), hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": user, "password": password, "admin": admin, "mac": mac}
    body["inhibit_login"] = True  # else the registration leaves a session and its device behind
    try:
        _request(url, body)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
        if answer.get("errcode") != "M_USER_IN_USE":
            raise SystemExit(f"{user} was not registered: {answer}") from error


def bot_and_administrator(homeserver_url: str, shared_secret: str) -> dict[str, str]:
    """A bot that can log in, and an administrator who has, to watch what becomes of it."""
    bot, admin = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
    register(homeserver_url, shared_secret, "bot", bot)
    register(homeserver_url, shared_secret, "admin", admin, admin=True)
    identifier = {"type": "m.id.user", "user": "admin"}
    body = {"type": "m.login.password", "identifier": identifier, "password": admin}
    session = _request(homeserver_url + _LOGIN, body)
    return {
        "homeserver_url": homeserver_url,
        "user_id": f"@bot:{session['user_id'].partition(':')[2]}",
        "password": bot,
        "admin_access_token": session["access_token"],
    }


def _request(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    # The server is on loopback: a proxy in the environment is none of its business.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = None if body is None else json.dumps(body).encode()
    # A login of the administrator is not at the cost of the bot, where logins are limited.
    headers = {"Content-Type": "application/json", "X-Forwarded-For": "192.0.2.1"}
    request = urllib.request.Request(url, data, headers)
    with opener.open(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
