"""Owns HTTP: the two addresses, which request goes where, and a line for each in the log, without secrets."""

import json
import re
import secrets
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from . import knobs as knobs_file
from .admin_api import PREFIX, AdminApi, is_known, user_ulid
from .compat import Compat
from .knobs import Knobs
from .messages import (
    Differs,
    Request,
    Response,
    answer,
    api_error,
    not_a_page,
    not_active,
    unrecognized,
)
from .oauth import Clients, metadata
from .sessions import COMPAT, Session, Sessions
from .synapse import Synapse

LOG = "requests.jsonl"
ISSUE = "/_recorded/issue-compatibility-token"
_COMPAT = re.compile(r"/_matrix/client/(?:r0|v3)/(login|logout|refresh|logout/all)")
_ADMIN_LOGIN = re.compile(r"/_synapse/admin/v1/users/[^/]+/login")


class Mas:
    def __init__(self, synapse: Synapse, folder: Path, client_secret: str) -> None:
        self._synapse, self._folder, self._lock = synapse, folder, Lock()
        self._sessions = Sessions(synapse)
        self._clients = Clients(client_secret)
        self._compat = Compat(synapse, self._sessions)
        self._admin_api = AdminApi(synapse, self._sessions, self._clients)
        self.issuer = ""

    def answer(self, request: Request, at_issuer: bool) -> Response:
        differs = None
        try:
            knobs = knobs_file.read(self._folder)
            response = self._route(request, knobs, at_issuer)
        except Differs as error:
            differs = str(error)
            response = api_error(500, f"not the recorded request: {error}")
        self._write_down(request, response.status, differs)
        return response

    def _route(self, request: Request, knobs: Knobs, at_issuer: bool) -> Response:
        if self._clients.secret in request.path + request.query:
            raise Differs("the client's secret was sent in the URL")
        if request.path.startswith(PREFIX):
            here = "issuer" if at_issuer else "elsewhere"
            if knobs.admin_api == here or (knobs.admin_api == "issuer" and not at_issuer):
                return self._admin_api.answer(request, knobs)
            return not_a_page()
        if not at_issuer:
            return not_a_page()
        match (request.method, request.path):
            case ("GET", "/_matrix/client/v1/auth_metadata"):
                return answer(200, metadata(self.issuer, knobs))
            case ("POST", "/oauth2/token"):
                return self._clients.token(request, knobs)
            case ("POST", path) if path == ISSUE:
                return self._issue(request, knobs)
        if request.bearer in self._clients.used:
            raise Differs("an admin token was sent to the client-server API")
        compat = _COMPAT.fullmatch(request.path)
        if compat:
            return self._answer_compat(compat[1], request, knobs)
        return (
            unrecognized()
            if _ADMIN_LOGIN.fullmatch(request.path)
            else self._pass_on(request, knobs)
        )

    def _answer_compat(self, endpoint: str, request: Request, knobs: Knobs) -> Response:
        if endpoint not in knobs.routed:
            return unrecognized()
        if endpoint == "login":
            return self._compat.login(request, knobs)
        if endpoint == "logout":
            return self._compat.logout(request, knobs)
        return self._compat.refresh(request)

    def _pass_on(self, request: Request, knobs: Knobs) -> Response:
        session = self._sessions.with_token(request.bearer)
        if session and request.bearer:
            if session.username in knobs.locked or session.username in knobs.deactivated:
                return not_active()
            token = self._sessions.use(session, request.bearer, knobs.introspection_cache)
            if not token:
                return not_active()
            request = request.with_bearer(token)
        response = self._synapse.pass_on(request)
        unknown = response.status == 401 and b'"M_UNKNOWN_TOKEN"' in response.body
        if session and session.finished_at:
            # Used while its device was missing: from now on MAS is asked.
            session.refused |= unknown
        return not_active() if unknown else response

    def _issue(self, request: Request, knobs: Knobs) -> Response:
        """What mas-cli does in MAS's database."""
        given = request.json()
        username = given["username"].lower()
        if not is_known(self._synapse, username, knobs):
            return answer(404, {})
        device_id = given["device_id"] or "".join(secrets.choice(_LETTERS) for _ in range(10))
        token = self._synapse.new_token(username, device_id)
        session = self._sessions.add(Session(COMPAT, username, device_id, token))
        content = {"access_token": token, "device_id": device_id, "session_id": session.id}
        return answer(200, content | {"user_id": user_ulid(username), "username": username})

    def _write_down(self, request: Request, status: int, differs: str | None) -> None:
        target = request.path + (f"?{request.query}" if request.query else "")
        target = target.replace(self._clients.secret, "********")
        line = {"method": request.method, "path": target, "status": status, "differs": differs}
        with self._lock, (self._folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def listen(answer_request: Callable[[Request], Response]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else an answer waits up to 40 ms for the client's delayed ACK.
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True  # whoever hung up knows why

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, path, query, headers, self.rfile.read(length))
            self._send(answer_request(request))

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _handle

        def log_message(self, *_: object) -> None:
            """There is a log of our own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server
