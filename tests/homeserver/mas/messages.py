"""Owns what is read and written over HTTP, and how a request is refused that differs from the recorded one."""

import json
from dataclasses import dataclass, field
from typing import Any

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Differs(Exception):
    """The request is not the recorded one; the text says why, and quotes no secret."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    # The names are in lower case.
    headers: dict[str, str]
    body: bytes

    @property
    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" and token else None

    def json(self) -> Any:
        """The body, or nothing if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_bearer(self, token: str) -> "Request":
        headers = self.headers | {"authorization": f"Bearer {token}"}
        return Request(self.method, self.path, self.query, headers, self.body)


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        return json.loads(self.body)


def answer(status: int, content: Any) -> Response:
    return Response(status, json.dumps(content, separators=(",", ":")).encode())


def matrix_error(status: int, errcode: str, error: str, **more: Any) -> Response:
    return answer(status, {"errcode": errcode, "error": error, **more})


def api_error(status: int, title: str) -> Response:
    return answer(status, {"errors": [{"title": title}]})


def oauth_error(status: int, error: str, description: str) -> Response:
    return answer(status, {"error": error, "error_description": description})


def not_a_page() -> Response:
    """What MAS answers where nothing of it listens."""
    return Response(404, b"<!DOCTYPE html><title>Page not found</title>", "text/html")


def unrecognized() -> Response:
    """What Synapse answers where it leaves the endpoint to MAS."""
    return matrix_error(404, "M_UNRECOGNIZED", "Unrecognized request")


def not_active() -> Response:
    return matrix_error(401, "M_UNKNOWN_TOKEN", "Token is not active", soft_logout=False)
