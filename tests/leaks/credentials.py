"""Owns the secrets that the homeserver and the scan agree on: for web tokens, for an appservice, and a shared one."""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from secret_texts import SecretText, handed_out

sys.path.append(str(Path(__file__).resolve().parents[1] / "homeserver"))
import json_web_token


class Credentials:
    """They are the same in all worlds, so nothing that leaks on purpose may use them."""

    def __init__(self) -> None:
        self._jwt_secret, self._hs_token = secrets.token_hex(20), secrets.token_hex(20)
        self._shared_secret, self._as_token = secrets.token_hex(20), secrets.token_hex(20)

    def jwt_for(self, user: str) -> str:
        return json_web_token.signed(user, self._jwt_secret)

    def texts(self) -> list[SecretText]:
        """Those that are options of the module as they are."""
        return [
            handed_out("shared_secret", self._shared_secret),
            handed_out("as_token", self._as_token),
        ]

    def write_settings(self, folder: Path) -> Path:
        """Of a homeserver that takes them all."""
        appservice = _write(folder / "appservice.yml", self._appservice())
        settings = {
            "login_via_existing_session": {
                "enabled": True,
                "require_ui_auth": False,
                "token_timeout": "1h",
            },
            "jwt_config": {"enabled": True, "algorithm": "HS256", "secret": self._jwt_secret},
            "modules": [
                {
                    "module": "shared_secret.SharedSecret",
                    "config": {"shared_secret": self._shared_secret},
                }
            ],
            "app_service_config_files": [str(appservice)],
        }
        return _write(folder / "settings.yml", settings)

    def _appservice(self) -> dict[str, Any]:
        """A bridge that acts for all users."""
        return {
            "id": "doublepuppet",
            "url": None,
            "as_token": self._as_token,
            "hs_token": self._hs_token,
            "sender_localpart": "doublepuppet",
            "rate_limited": False,
            "namespaces": {"users": [{"regex": "@.*", "exclusive": False}]},
        }


def _write(file: Path, content: dict[str, Any]) -> Path:
    """JSON is YAML, too."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(content))
    return file
