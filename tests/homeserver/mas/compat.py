"""Owns the compatibility layer: `/login`, `/logout` and `/refresh` of the client-server API, as MAS answers them."""

import time
from threading import Lock
from typing import Any

from .knobs import Knobs
from .messages import Request, Response, answer, matrix_error
from .sessions import COMPAT, Session, Sessions
from .synapse import Synapse

_FLOWS = [
    {"type": "m.login.password"},
    {
        "type": "m.login.sso",
        "oauth_aware_preferred": True,
        "org.matrix.msc3824.delegated_oidc_compatibility": True,
    },
    {"type": "m.login.token"},
]
_PASSED_ON = ("access_token", "device_id", "user_id", "refresh_token", "expires_in_ms")
_REFUSALS = {
    "m.login.password": "Invalid username/password",
    "m.login.token": "Invalid login token",
}


class Compat:
    def __init__(self, synapse: Synapse, sessions: Sessions) -> None:
        self._synapse, self._sessions = synapse, sessions
        self._limit, self._lock = _Limit(), Lock()
        self._refresh_tokens: dict[str, Session] = {}

    def login(self, request: Request, knobs: Knobs) -> Response:
        if request.method == "GET":
            return answer(200, {"flows": _FLOWS[0 if knobs.passwords else 1 :]})
        with self._lock:
            if not self._limit.takes(knobs):
                return matrix_error(429, "M_LIMIT_EXCEEDED", "Too many login attempts")
        login = request.json()
        if not isinstance(login, dict):
            return matrix_error(400, "M_NOT_JSON", "Invalid JSON")
        kind = login.get("type")
        if kind not in _REFUSALS or (kind == "m.login.password" and not knobs.passwords):
            return matrix_error(400, "M_UNKNOWN", "Invalid login type")
        username = self._username(login)
        if username in knobs.locked:
            return matrix_error(401, "M_USER_LOCKED", "User account has been locked")
        if username in knobs.deactivated or username in knobs.unknown:
            return matrix_error(403, "M_FORBIDDEN", _REFUSALS[kind])
        response = self._synapse.pass_on(request)
        if response.status == 403:
            return matrix_error(403, "M_FORBIDDEN", _REFUSALS[kind])
        return self._remember(response) if response.status == 200 else response

    def logout(self, request: Request, knobs: Knobs) -> Response:
        session = self._sessions.with_token(request.bearer)
        if not session or session.kind != COMPAT or session.finished_at:
            return matrix_error(401, "M_UNKNOWN_TOKEN", "Invalid access token")
        self._sessions.finish(session, knobs.logout_delay)
        return answer(200, {})

    def refresh(self, request: Request) -> Response:
        given = request.json()
        old = given.get("refresh_token") if isinstance(given, dict) else None
        session = self._refresh_tokens.get(str(old))
        if not session or session.finished_at:
            return matrix_error(401, "M_UNKNOWN_TOKEN", "Invalid refresh token")
        response = self._synapse.pass_on(request)
        if response.status == 200:
            self._sessions.renew(session, response.json()["access_token"])
            self._refresh_tokens[response.json()["refresh_token"]] = session
        return response

    def _username(self, login: dict[str, Any]) -> str:
        identifier = login.get("identifier")
        user = str(identifier.get("user", "")) if isinstance(identifier, dict) else ""
        return user.removeprefix("@").removesuffix(f":{self._synapse.server_name}").lower()

    def _remember(self, response: Response) -> Response:
        given = response.json()
        username = given["user_id"][1:].partition(":")[0]
        self._sessions.replace_on_device(username, given["device_id"])
        session = Session(COMPAT, username, given["device_id"], given["access_token"])
        self._sessions.add(session)
        if "refresh_token" in given:
            self._refresh_tokens[given["refresh_token"]] = session
        return answer(200, {name: given[name] for name in _PASSED_ON if name in given})


class _Limit:
    """Some logins in a row, then one each so many seconds. Failed ones count."""

    def __init__(self) -> None:
        self._spent, self._since = 0.0, time.monotonic()

    def takes(self, knobs: Knobs) -> bool:
        moment = time.monotonic()
        self._spent = max(0.0, self._spent - (moment - self._since) / knobs.login_seconds)
        self._since = moment
        if knobs.login_burst is None:
            return True
        if self._spent + 1 > knobs.login_burst:
            return False
        self._spent += 1
        return True
