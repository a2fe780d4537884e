"""Owns the course of the tests: one example.com for all of them, and for each block of YAML the runs of its playbook, two at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

import playbooks
from example_com import ExampleCom
from pages import Block, blocks
from sandbox import Sandbox

Runs = list[tuple[int, str]]


@pytest.fixture(scope="session")
def example_com(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleCom]:
    example_com = ExampleCom(tmp_path_factory.mktemp("example_com"))
    try:
        yield example_com
    finally:
        example_com.stop()


@pytest.fixture(scope="session")
def new_sandbox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Block], Sandbox]:
    """Where the block is about Matrix Authentication Service, example.com has it."""

    def make(block: Block) -> Sandbox:
        name = "example_com_with_mas" if block.needs_mas else "example_com"
        example_com: ExampleCom = request.getfixturevalue(name)
        return Sandbox.made(tmp_path_factory.mktemp("sandbox"), example_com)

    return make


@pytest.fixture(scope="session")
def example_com_with_mas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExampleCom]:
    example_com = ExampleCom(tmp_path_factory.mktemp("example_com_with_mas"), with_mas=True)
    try:
        yield example_com
    finally:
        example_com.stop()


@pytest.fixture(scope="session")
def runs(
    request: pytest.FixtureRequest, new_sandbox: Callable[[Block], Sandbox]
) -> Iterator[Callable[[Block], Runs]]:
    """What came of running a block, once or twice: statuses and outputs."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    wanted = {test.callspec.params["playbook"] for test in tests if "playbook" in test.fixturenames}
    with ThreadPoolExecutor(2) as pool:
        started: dict[Block, Future[Runs]] = {
            block: pool.submit(_run, block, new_sandbox(block))
            for block in blocks()
            if block in wanted
        }
        yield lambda block: started[block].result()


def _run(block: Block, sandbox: Sandbox) -> Runs:
    """Again, if that must change nothing."""
    playbook = playbooks.prepare(block, sandbox)
    command = ["ansible-playbook", "-v", "--inventory", "inventory.json", playbook]
    results = [sandbox.run(*command) for _ in range(2 if playbooks.settles(block) else 1)]
    return [(result.returncode, result.stdout) for result in results]


@pytest.fixture
def sandbox(tmp_path: Path, example_com: ExampleCom) -> Sandbox:
    return Sandbox.made(tmp_path, example_com)
