"""Owns what a test may set: how this MAS is configured, and how quick it is. Read anew for each request."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "knobs.json"


@dataclass(frozen=True)
class Knobs:
    # Where the admin API is: "issuer", "elsewhere" (at admin_url alone) or "absent".
    admin_api: str = "issuer"
    # Whether the policy's `admin_clients` names the client.
    admin_client: bool = True
    # How the client is registered, and what auth_metadata says of the token endpoint.
    client_auth_method: str = "client_secret_basic"
    token_endpoint_auth_methods: list[str] = field(
        default_factory=lambda: [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "none",
        ]
    )
    # After so many requests an admin token has expired.
    admin_token_requests: int | None = None
    # MAS before 1.5 has none.
    personal_sessions: bool = True
    locked: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    # Users that exist in Synapse alone, as a bridge's puppets do.
    unknown: list[str] = field(default_factory=list)
    # What the reverse proxy sends to MAS.
    routed: list[str] = field(default_factory=lambda: ["login", "logout", "refresh"])
    # How many logins in a row, and then one each so many seconds.
    login_burst: int | None = None
    login_seconds: float = 20
    passwords: bool = True
    # Seconds until a device is removed: after a logout or a finished session, and after a personal session was revoked.
    logout_delay: float = 0.028
    revocation_delay: float = 0
    # Seconds for which Synapse keeps what MAS said of a token.
    introspection_cache: float = 120
    # mas-cli: "stderr", "stdout", or "terminal", which is standard output with colours and CRLF.
    cli_stream: str = "stderr"
    cli_colours: bool = False
    # "shown", "missing", or "changed": in words that nobody has recorded.
    cli_token: str = "shown"
    cli_homeserver: bool = True
    # Seconds for which it does nothing, at first.
    cli_hang: float = 0
    # A child that stays for two minutes, and holds the output open.
    cli_child: bool = False
    # Whether a shell may start it, or a program that leaves its standard input open.
    cli_any_start: bool = False


def read(folder: Path) -> Knobs:
    return parse((folder / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> Knobs:
    given: Any = json.loads(text)
    if not isinstance(given, dict):
        raise ValueError("the knobs are no JSON object")
    unknown = given.keys() - Knobs.__dataclass_fields__.keys()
    if unknown:
        raise ValueError(f"no such knobs: {', '.join(sorted(unknown))}")
    return Knobs(**given)
