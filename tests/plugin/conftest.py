"""Owns what a test of this folder needs: versions of ansible-core, and a host that is reached over ssh."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import interrupts
import ports
from ansible_cores import wanted
from sshd import Sshd

interrupts.heed()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "core" in metafunc.fixturenames:
        metafunc.parametrize("core", wanted(), ids=str, scope="session")


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    root = tmp_path_factory.mktemp("ssh")
    (root / "home").mkdir()
    sshd = Sshd(root / "sshd", root / "home", ports.free())
    yield sshd
    sshd.stop()
