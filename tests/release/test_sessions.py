"""The binary for each architecture makes, keeps and ends a session on a real homeserver."""

import json
from pathlib import Path
from typing import Any

import pytest

from binaries import Binary
from running import Homeserver

PASSWORD = "pw-LEAK-9c1e44"


@pytest.fixture(params=["http", "https"])
def task(
    request: pytest.FixtureRequest, binary: Binary, homeserver: Homeserver, tmp_path: Path
) -> dict[str, Any]:
    """A user of this architecture's own, and where they log in."""
    user = f"bot-{binary}"
    homeserver.register(user, PASSWORD)
    options = {
        "homeserver_url": homeserver.url,
        "user_id": f"@{user}:hs.test",
        "device_id": request.param.upper(),
        "session_file": str(tmp_path / "session.json"),
    }
    if request.param == "https":
        options["homeserver_url"] = request.getfixturevalue("https_url")
        options["ca_path"] = str(request.getfixturevalue("certificate"))
    return options


def log_in(binary: Binary, task: dict[str, Any]) -> dict[str, Any]:
    return binary.run(task | {"password": PASSWORD}, PASSWORD)


def test_a_session_is_made_kept_and_revoked(
    binary: Binary, homeserver: Homeserver, task: dict[str, Any]
) -> None:
    made = log_in(binary, task)
    assert (made["session"], made["changed"], made["user_id"]) == ("new", True, task["user_id"])
    assert homeserver.knows(made["access_token"])
    stored = json.loads(Path(task["session_file"]).read_text(encoding="utf-8"))
    assert stored["access_token"] == made["access_token"]

    kept = log_in(binary, task)
    assert (kept["session"], kept["changed"]) == ("kept", False)
    assert kept["access_token"] == made["access_token"]

    revoked = binary.run(task | {"state": "absent"}, made["access_token"])
    assert (revoked["session"], revoked["changed"]) == ("revoked", True)
    assert not homeserver.knows(made["access_token"])
    assert not Path(task["session_file"]).exists()


def test_a_wrong_password_is_refused_readably(binary: Binary, task: dict[str, Any]) -> None:
    wrong = "pw-LEAK-wrong"
    refused = binary.run(task | {"password": wrong}, wrong)
    assert (refused["failed"], refused["errcode"]) == (True, "M_FORBIDDEN")
    assert not Path(task["session_file"]).exists()


@pytest.mark.parametrize("task", ["https"], indirect=True)
def test_an_unknown_certificate_is_not_trusted(binary: Binary, task: dict[str, Any]) -> None:
    del task["ca_path"]
    refused = log_in(binary, task)
    assert refused["failed"] and "ca_path" in refused["msg"]
