"""`ansible.builtin.uri`, as roles for bots use it to try a token."""

from typing import Any

from bench.stage import Stage


def whoami(stage: Stage) -> dict[str, Any]:
    return {
        "url": f"{stage.here.url}/_matrix/client/v3/account/whoami",
        "headers": {"Authorization": f"Bearer {stage.access_token}"},
        "return_content": True,
    }
