"""What a user does with the tarball, in an empty folder with nothing but ansible-core: install it, obtain, run again, revoke.

All through full names, for two accounts on a real homeserver, on each version of ansible-core.
"""

import json
import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_cores import Core, wanted
from running import Homeserver

_BOTS = ("draupnir", "baibot")


@dataclass(frozen=True)
class Folder:
    """All that the user has, and the one version of Ansible that runs in it."""

    root: Path
    core: Core

    def run(self, program: str, *arguments: str) -> str:
        ended = subprocess.run(
            [self.core.environment / "bin" / program, *arguments],
            cwd=self.root,
            env={"HOME": str(self.root), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    def play(self, playbook: str) -> str:
        return self.run("ansible-playbook", "--inventory", "inventory.json", playbook)

    def token(self, bot: str) -> str:
        session = json.loads((self.root / f"{bot}.json").read_text(encoding="utf-8"))
        return str(session["access_token"])


@pytest.fixture(params=wanted(), ids=str)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return Folder(tmp_path, request.param)


def account(bot: str, user: str, password: str) -> dict[str, Any]:
    return {
        "user_id": user,
        "password": password,
        "device_id": bot.upper(),
        "session_file": f"{{{{ inventory_dir }}}}/{bot}.json",
        "facts": {f"{bot}_access_token": "access_token"},
    }


def write_inventory(folder: Folder, homeserver: Homeserver, passwords: dict[str, str]) -> None:
    core = str(folder.core).replace(".", "_")
    for bot, password in passwords.items():
        homeserver.register(f"{bot}_{core}", password)
    host = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(folder.core.environment / "bin/python"),
        "access_tokens_defaults": {"homeserver_url": homeserver.url},
        "access_tokens_accounts": [
            account(bot, f"{bot}_{core}", password) for bot, password in passwords.items()
        ],
    }
    inventory = {"matrix_servers": {"hosts": {"matrix.example.com": host}}}
    (folder.root / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")


def test_two_accounts_are_obtained_kept_and_revoked_by_full_names(
    folder: Folder, homeserver: Homeserver, tarball: Path
) -> None:
    passwords = {bot: secrets.token_urlsafe(24) for bot in _BOTS}
    write_inventory(folder, homeserver, passwords)
    shown = folder.run("ansible-galaxy", "collection", "install", "--offline", str(tarball))

    first = folder.play("selfhosted.matrix.obtain")
    assert "changed=2 " in first, first
    tokens = [folder.token(bot) for bot in _BOTS]
    assert all(homeserver.knows(token) for token in tokens)

    second = folder.play("selfhosted.matrix.obtain")
    assert "changed=0 " in second, second
    assert tokens == [folder.token(bot) for bot in _BOTS]

    last = folder.play("selfhosted.matrix.revoke")
    assert "changed=2 " in last, last
    assert not any(homeserver.knows(token) for token in tokens)
    assert not any((folder.root / f"{bot}.json").exists() for bot in _BOTS)

    shown += first + second + last
    assert not any(secret in shown for secret in [*tokens, *passwords.values()])
