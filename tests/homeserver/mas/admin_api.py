"""Owns `/api/admin/v1/`: users, personal sessions, compatibility sessions. A request is compared with the recorded one, byte by byte."""

import json
import re
from typing import Any
from urllib.parse import unquote

from .knobs import Knobs
from .messages import JSON, Differs, Request, Response, answer, api_error, not_a_page
from .oauth import CLIENT_ID, Clients
from .sessions import COMPAT, PERSONAL, Session, Sessions, ulid
from .synapse import Synapse

PREFIX = "/api/admin/v1/"
_VERSION = "v1.22.0-36-g0000000"
_SCOPE = re.compile(r"urn:matrix:client:api:\* urn:matrix:client:device:(\S{1,255})")
_PAGE = 10
_LOCKED_AT = "2026-11-01T00:00:00Z"


class AdminApi:
    def __init__(self, synapse: Synapse, sessions: Sessions, clients: Clients) -> None:
        self._synapse, self._sessions, self._clients = synapse, sessions, clients

    def answer(self, request: Request, knobs: Knobs) -> Response:
        if self._sessions.with_token(request.bearer):
            raise Differs("a Matrix access token was sent to the admin API")
        refusal = self._clients.refuse(request.bearer, knobs)
        if refusal:
            return refusal
        parts = [unquote(part) for part in request.path.removeprefix(PREFIX).split("/")]
        match (request.method, *parts):
            case ("GET", "version"):
                return answer(200, {"version": _VERSION})
            case ("GET", "site-config"):
                return answer(200, self._site_config(knobs))
            case ("GET", "users", "by-username", username):
                _has_no_query(request)
                return self._user(username, knobs)
            case (_, "personal-sessions", *_) if not knobs.personal_sessions:
                return not_a_page()
            case ("POST", "personal-sessions"):
                return self._create(request, knobs)
            case ("GET", "personal-sessions"):
                return self._list(request, PERSONAL, "filter[actor_user]")
            case ("GET", "compat-sessions"):
                return self._list(request, COMPAT, "filter[user]")
            case ("POST", "personal-sessions", session_id, "revoke"):
                _has_no_body(request)
                return self._revoke(session_id, knobs)
            case ("POST", "compat-sessions", session_id, "finish"):
                _has_no_body(request)
                return self._finish(session_id, knobs)
        raise Differs(f"{request.method} {request.path} was not recorded")

    def _site_config(self, knobs: Knobs) -> dict[str, Any]:
        return {
            "server_name": self._synapse.server_name,
            "password_login_enabled": knobs.passwords,
            "password_registration_enabled": False,
            "password_registration_email_required": True,
            "password_registration_token_required": False,
            "email_change_allowed": True,
            "displayname_change_allowed": True,
            "password_change_allowed": True,
            "account_recovery_allowed": False,
            "account_deactivation_allowed": True,
            "captcha_enabled": False,
            "minimum_password_complexity": 3,
        }

    def _user(self, username: str, knobs: Knobs) -> Response:
        name = username.lower()
        if not is_known(self._synapse, name, knobs):
            return api_error(404, f'User with username "{username}" not found')
        attributes = {
            "username": name,
            "created_at": "2026-10-01T00:00:00Z",
            "locked_at": _LOCKED_AT if name in knobs.locked else None,
            "deactivated_at": _LOCKED_AT if name in knobs.deactivated else None,
            "admin": False,
            "legacy_guest": False,
        }
        here = f"{PREFIX}users/{user_ulid(name)}"
        data = {"type": "user", "id": user_ulid(name), "attributes": attributes}
        links = {"self": f"{PREFIX}users/by-username/{username}"}
        return answer(200, {"data": data | {"links": {"self": here}}, "links": links})

    def _create(self, request: Request, knobs: Knobs) -> Response:
        username, human_name, scope = self._wanted(request)
        if username in knobs.deactivated:
            return api_error(410, "User is not active")
        device_id = scope.rpartition("urn:matrix:client:device:")[2]
        token = self._synapse.new_token(username, device_id)
        made = Session(PERSONAL, username, device_id, token, human_name, scope)
        return _single(201, self._sessions.add(made), f"{PREFIX}personal-sessions", token)

    def _wanted(self, request: Request) -> tuple[str, str, str]:
        if request.headers.get("content-type") != JSON:
            raise Differs(f"Content-Type must be {JSON}")
        given = request.json()
        if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
            raise Differs("the body is no JSON object of texts")
        if list(given) != ["actor_user_id", "human_name", "scope"]:
            raise Differs("the members must be actor_user_id, human_name, scope, in this order")
        if request.body not in _compact(given):
            raise Differs("the body is not the compact JSON of its members")
        if not _SCOPE.fullmatch(given["scope"]):
            raise Differs("scope must be urn:matrix:client:api:* and one urn:matrix:client:device:")
        return self._owner(given["actor_user_id"]), given["human_name"], given["scope"]

    def _owner(self, user_id: str) -> str:
        if user_id not in _ASKED_FOR:
            raise Differs("the user's id is none that users/by-username gave")
        return _ASKED_FOR[user_id]

    def _list(self, request: Request, kind: str, name: str) -> Response:
        given = _query(request, {name, "filter[status]", "page[first]", "page[after]"})
        if name not in given:
            raise Differs(f"a list without {name} is of all users")
        status = given.get("filter[status]")
        if status not in (None, "active"):
            raise Differs("filter[status] must be active")
        if not given.get("page[first]", "1").isdecimal():
            raise Differs("page[first] must be a number")
        found = self._sessions.of(kind, self._owner(given[name]))
        found = [one for one in found if not (status and one.finished_at)]
        rest = [one for one in found if one.id > given.get("page[after]", "")]
        size = int(given.get("page[first]", _PAGE))
        filters = "&".join(f"{key}={value}" for key, value in given.items() if "filter" in key)
        base = f"{PREFIX}{kind}s?{filters}"
        links = {"self": f"{base}&page[first]={size}", "first": f"{base}&page[first]={size}"}
        links["last"] = f"{base}&page[last]={size}"
        if len(rest) > size:
            links["next"] = f"{base}&page[after]={rest[size - 1].id}&page[first]={size}"
        data = [_resource(one) | {"meta": {"page": {"cursor": one.id}}} for one in rest[:size]]
        return answer(200, {"meta": {"count": len(found)}, "data": data, "links": links})

    def _revoke(self, session_id: str, knobs: Knobs) -> Response:
        session = self._sessions.with_id(PERSONAL, session_id)
        if not session:
            return api_error(404, f"Personal session with ID {session_id} not found")
        if session.finished_at:
            return api_error(409, f"Personal session with ID {session_id} is already revoked")
        self._sessions.finish(session, knobs.revocation_delay)
        return _single(200, session, f"{PREFIX}personal-sessions/{session_id}/revoke")

    def _finish(self, session_id: str, knobs: Knobs) -> Response:
        session = self._sessions.with_id(COMPAT, session_id)
        if not session:
            return api_error(404, f"Compatibility session with ID {session_id} not found")
        if session.finished_at:
            title = f"Compatibility session with ID {session_id} is already finished"
            return api_error(400, title)
        self._sessions.finish(session, knobs.logout_delay)
        return _single(200, session, f"{PREFIX}compat-sessions/{session_id}/finish")


_ASKED_FOR: dict[str, str] = {}


def user_ulid(username: str) -> str:
    found = ulid(username)
    _ASKED_FOR[found] = username
    return found


def is_known(synapse: Synapse, username: str, knobs: Knobs) -> bool:
    """To MAS: by the localpart alone."""
    plain = re.fullmatch(r"[a-z0-9._=/+-]+", username)
    return bool(plain) and username not in knobs.unknown and synapse.has_user(username)


def _compact(given: dict[str, str]) -> set[bytes]:
    """Characters beyond ASCII may be escaped, or not."""
    return {
        json.dumps(given, separators=(",", ":"), ensure_ascii=ascii_alone).encode()
        for ascii_alone in (True, False)
    }


def _single(status: int, session: Session, here: str, token: str | None = None) -> Response:
    data = _resource(session)
    if token:
        data["attributes"]["access_token"] = token
    return answer(status, {"data": data, "links": {"self": here}})


def _resource(session: Session) -> dict[str, Any]:
    links = {"self": f"{PREFIX}{session.kind}s/{session.id}"}
    attributes = _personal(session) if session.kind == PERSONAL else _compat(session)
    return {"type": session.kind, "id": session.id, "attributes": attributes, "links": links}


def _personal(session: Session) -> dict[str, Any]:
    return {
        "created_at": session.created_at,
        "revoked_at": session.finished_at,
        "owner_user_id": None,
        "owner_client_id": CLIENT_ID,
        "actor_user_id": user_ulid(session.username),
        "human_name": session.human_name,
        "scope": session.scope,
        "last_active_at": session.created_at if session.introspected else None,
        "last_active_ip": None,
        "expires_at": None,
    }


def _compat(session: Session) -> dict[str, Any]:
    return {
        "user_id": user_ulid(session.username),
        "device_id": session.device_id,
        "user_session_id": None,
        "redirect_uri": None,
        "created_at": session.created_at,
        "user_agent": None,
        "last_active_at": session.created_at if session.introspected else None,
        "last_active_ip": None,
        "finished_at": session.finished_at,
        "human_name": session.human_name,
    }


def _has_no_query(request: Request) -> None:
    if request.query:
        raise Differs("this endpoint takes no query")


def _has_no_body(request: Request) -> None:
    _has_no_query(request)
    if request.body not in (b"", b"{}"):
        raise Differs("this endpoint takes no body")


def _query(request: Request, known: set[str]) -> dict[str, str]:
    """Brackets may be escaped, or not."""
    given: dict[str, str] = {}
    for part in filter(None, request.query.split("&")):
        name, _, value = (unquote(text) for text in part.partition("="))
        if name not in known or name in given:
            raise Differs(f"the query has {name}, or has it twice")
        given[name] = value
    return given
