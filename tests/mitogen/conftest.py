"""Owns what the tests of this folder share: a real homeserver with a user, a real sshd, and a folder to run Ansible in."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import interrupts
import ports
from playing import Controller
from running import Homeserver
from secret_texts import SecretText, planted, planted_password
from sshd import Sshd

interrupts.heed()


@pytest.fixture(scope="session")
def passwords() -> dict[str, SecretText]:
    return {
        "password": planted_password("password"),
        "wrong_password": planted("wrong_password"),
    }


@pytest.fixture(scope="session")
def homeserver(passwords: dict[str, SecretText]) -> Iterator[Homeserver]:
    homeserver = Homeserver()
    try:
        homeserver.register("bot", passwords["password"].value)
        yield homeserver
    finally:
        homeserver.stop()


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    # Not pytest's own folder, which is closed to the user that a task becomes.
    root = Path(tempfile.mkdtemp(prefix="mitogen-"))
    root.chmod(0o711)
    (root / "home").mkdir()
    sshd = Sshd(root / "sshd", root / "home", ports.free())
    try:
        yield Controller(root, sshd.inventory())
    finally:
        sshd.stop()
        shutil.rmtree(root)
