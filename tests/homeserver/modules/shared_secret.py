"""Owns `com.devture.shared_secret_auth`: logs any user in whose name comes with the right HMAC.

What is checked is what https://github.com/devture/matrix-synapse-shared-secret-auth checks.
"""

import hashlib
import hmac
from typing import Any

from synapse.module_api import ModuleApi

_TYPE = "com.devture.shared_secret_auth"


class SharedSecret:
    """A Synapse module; its configuration is `{shared_secret: TEXT}`."""

    def __init__(self, config: dict[str, Any], api: ModuleApi) -> None:
        self._secret = config["shared_secret"].encode()
        self._api = api
        checkers = {(_TYPE, ("token",)): self._check}
        api.register_password_auth_provider_callbacks(auth_checkers=checkers)

    async def _check(
        self, user: str, _type: str, submission: dict[str, Any]
    ) -> tuple[str, None] | None:
        user_id = self._api.get_qualified_user_id(user)
        expected = hmac.new(self._secret, user_id.encode(), hashlib.sha512).hexdigest()
        if not hmac.compare_digest(expected, submission["token"]):
            return None
        known = await self._api.check_user_exists(user_id)
        return (known, None) if known else None
