"""Owns the OAuth 2.0 side: auth_metadata, the token endpoint, and the admin tokens that it gives."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .knobs import Knobs
from .messages import FORM, Differs, Request, Response, answer, api_error, oauth_error

CLIENT_ID = "01J44RKQYM4G3TNVANTMTDYTX6"
_SCOPE = "urn:mas:admin"
_GRANT = [("grant_type", "client_credentials"), ("scope", _SCOPE)]


@dataclass
class Clients:
    """The one client, and its tokens with the number of requests that each has made."""

    secret: str
    used: dict[str, int] = field(default_factory=dict)

    def token(self, request: Request, knobs: Knobs) -> Response:
        method, client, secret = _credentials(request)
        good = method == knobs.client_auth_method and secrets.compare_digest(
            f"{client} {secret}".encode(), f"{CLIENT_ID} {self.secret}".encode()
        )
        if not good:
            return oauth_error(401, "invalid_client", "Client authentication failed.")
        if not knobs.admin_client:
            return oauth_error(403, "invalid_scope", "scope 'urn:mas:admin' not allowed")
        token = f"mat_{secrets.token_hex(15)}_{secrets.token_hex(3)}"
        self.used[token] = 0
        content = {"access_token": token, "token_type": "Bearer", "expires_in": 300}
        return answer(200, content | {"scope": _SCOPE})

    def refuse(self, token: str | None, knobs: Knobs) -> Response | None:
        """The answer of the admin API to a token that is no good."""
        if token is None:
            return api_error(400, "Missing authorization header")
        if token not in self.used:
            return api_error(401, "Invalid type of access token")
        limit = knobs.admin_token_requests
        if limit is not None and self.used[token] >= limit:
            return api_error(401, "Access token expired")
        self.used[token] += 1
        return None


def metadata(issuer: str, knobs: Knobs) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth2/token",
        "jwks_uri": f"{issuer}oauth2/keys.json",
        "registration_endpoint": f"{issuer}oauth2/registration",
        "scopes_supported": ["openid", "email"],
        "response_types_supported": ["code", "id_token", "code id_token"],
        "response_modes_supported": ["form_post", "query", "fragment"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "token_endpoint_auth_methods_supported": knobs.token_endpoint_auth_methods,
        "revocation_endpoint": f"{issuer}oauth2/revoke",
        "introspection_endpoint": f"{issuer}oauth2/introspect",
        "code_challenge_methods_supported": ["plain", "S256"],
        "device_authorization_endpoint": f"{issuer}oauth2/device",
        "org.matrix.matrix-authentication-service.graphql_endpoint": f"{issuer}graphql",
        "account_management_uri": f"{issuer}account/",
    }


def _credentials(request: Request) -> tuple[str, str, str]:
    """How the client authenticates, its id and its secret. The rest of the request must be the recorded one."""
    if request.headers.get("content-type") != FORM:
        raise Differs(f"Content-Type must be {FORM}")
    if request.query:
        raise Differs("the token endpoint takes no query")
    pairs = _form(request.body)
    if "authorization" in request.headers:
        if pairs != _GRANT:
            raise Differs("with basic authentication the form is grant_type and scope alone")
        return ("client_secret_basic", *_basic(request.headers["authorization"]))
    given = dict(pairs)
    if len(pairs) != 4 or sorted(given) != ["client_id", "client_secret", "grant_type", "scope"]:
        raise Differs("the form has not each of grant_type, scope, client_id, client_secret once")
    if any(given[name] != value for name, value in _GRANT):
        raise Differs("grant_type or scope is another than recorded")
    return ("client_secret_post", given["client_id"], given["client_secret"])


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    except ValueError as error:
        raise Differs("the body is no form") from error
    if body.decode() not in (urlencode(pairs), urlencode(pairs, safe=":")):
        raise Differs("the form is not encoded as application/x-www-form-urlencoded has it")
    return pairs


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme != "Basic":
        raise Differs("Authorization must be Basic")
    try:
        client, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise Differs("Authorization is no base64") from error
    if not colon:
        raise Differs("Authorization holds no colon")
    return client, secret  # MAS decodes neither, whatever RFC 6749 says
