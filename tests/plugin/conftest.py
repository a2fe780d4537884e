"""Owns what a test of this folder needs: versions of ansible-core, and a host that is reached over ssh."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import interrupts
import ports
from ansible_cores import CORES
from sshd import Sshd

interrupts.heed()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--core", help="only this version of ansible-core, for example 2.19")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted = metafunc.config.getoption("--core")
    cores = [core for core in CORES if core.is_made and wanted in (None, str(core))]
    if not cores:
        raise pytest.UsageError(
            "no such ansible-core here: see tests/ansible_cores/ansible_cores.py"
        )
    if "core" in metafunc.fixturenames:
        metafunc.parametrize("core", cores, ids=str, scope="session")


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    root = tmp_path_factory.mktemp("ssh")
    (root / "home").mkdir()
    sshd = Sshd(root / "sshd", root / "home", ports.free())
    yield sshd
    sshd.stop()
