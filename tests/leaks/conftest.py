"""Owns the course of the tests: all worlds are hunted through two at a time, and each test waits for the one it is about."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_cores import Core, wanted
from creation import CANT_BECOME, can_become, created
from scan import Findings, scan, scan_carelessness
from real_homeserver import Homeserver
from syslog_listener import SyslogListener
from world import SYSTEM_LOG

_COLLECTION = Path(__file__).resolve().parents[2] / "ansible"
_KINDS = {"careful": scan, "careless": scan_carelessness}
_not_run: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--collection", type=Path, default=_COLLECTION, help="the one to test")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "core" in metafunc.fixturenames:
        metafunc.parametrize("core", wanted(), ids=str, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _not_run:
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session")
def homeserver() -> Iterator[Homeserver]:
    homeserver = Homeserver()
    try:
        yield homeserver
    finally:
        homeserver.stop()


@pytest.fixture(scope="session")
def system_log(homeserver: Homeserver) -> Iterator[SyslogListener]:
    listener = SyslogListener(homeserver.folder / SYSTEM_LOG)
    if listener.why_not:
        _not_run.append(listener.why_not)
    if not can_become():
        _not_run.append(CANT_BECOME)
    yield listener
    listener.stop()


@pytest.fixture(scope="session")
def scans(
    request: pytest.FixtureRequest, homeserver: Homeserver, system_log: SyslogListener
) -> Iterator[dict[tuple[str, Core], Future[Findings]]]:
    """Every scan that the tests ask for, begun at once: they take turns on two cores."""
    collection = request.config.getoption("--collection").resolve()

    def hunt_in_new_world(name: str, core: Core) -> Findings:
        with created(core, f"{name}-{core}", homeserver, collection) as world:
            return _KINDS[name](world)

    pool = ThreadPoolExecutor(2)
    wished = [("careful", core) for core in wanted()]
    # That what leaks is found is up to the search, and not to the version of ansible-core.
    wished.append(("careless", wanted()[-1]))
    yield {(name, core): pool.submit(hunt_in_new_world, name, core) for name, core in wished}
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def findings(scans: dict[tuple[str, Core], Future[Findings]], core: Core) -> Findings:
    return scans["careful", core].result()


@pytest.fixture(scope="session")
def careless(scans: dict[tuple[str, Core], Future[Findings]]) -> Findings:
    return scans["careless", wanted()[-1]].result()
