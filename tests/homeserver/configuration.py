"""Owns homeserver.yaml: the settings of a throwaway Synapse, quick and permissive unless told otherwise."""

from pathlib import Path
from typing import Any

import yaml

SERVER_NAME = "hs.test"
REGISTRATION_SHARED_SECRET = "registration-shared-secret"

_UNLIMITED = {"per_second": 1000, "burst_count": 1000}
_PERMISSIVE_LIMITS = {
    "rc_login": {"address": _UNLIMITED, "account": _UNLIMITED, "failed_attempts": _UNLIMITED},
    "rc_registration": _UNLIMITED,
    "rc_message": _UNLIMITED,
    "rc_room_creation": _UNLIMITED,
}


def settings(
    directory: Path, port: int, overrides: dict[str, Any], default_limits: bool = False
) -> dict[str, Any]:
    """The whole configuration of a homeserver that lives in `directory` and listens on loopback."""
    basic = {
        "server_name": SERVER_NAME,
        "report_stats": False,
        "listeners": [_listener(port)],
        "database": {"name": "sqlite3", "args": {"database": str(directory / "homeserver.db")}},
        "signing_key_path": str(directory / "signing.key"),
        "media_store_path": str(directory / "media"),
        "pid_file": str(directory / "homeserver.pid"),
        "registration_shared_secret": REGISTRATION_SHARED_SECRET,
        "macaroon_secret_key": "macaroon-secret-key",
        "form_secret": "form-secret",
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
    }
    limits = {} if default_limits else _PERMISSIVE_LIMITS
    return _merged(basic | limits, overrides)


def override(argument: str) -> dict[str, Any]:
    """`KEY=YAML`, as given on the command line."""
    key, equals, value = argument.partition("=")
    if not key or not equals:
        raise ValueError(f"expected KEY=YAML, got {argument!r}")
    try:
        return {key: yaml.safe_load(value)}
    except yaml.YAMLError as error:
        raise ValueError(f"{key} is not YAML: {error}") from error


def overrides(file: Path) -> dict[str, Any]:
    """A whole file of settings."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{file} is not YAML") from error
    if not isinstance(content, dict):
        raise ValueError(f"{file} holds no settings")
    return content


def write(directory: Path, content: dict[str, Any]) -> None:
    (directory / "homeserver.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def _listener(port: int) -> dict[str, Any]:
    return {
        "type": "http",
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "tls": False,
        # A test that sends its own X-Forwarded-For gets its own rate limit.
        "x_forwarded": True,
        "resources": [{"names": ["client"], "compress": False}],
    }


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            value = _merged(result[key], value)
        result[key] = value
    return result
