"""Every play and every task in the documentation runs as it is written, against a homeserver that is example.com."""

import re
from collections.abc import Callable

import pytest

import playbooks
from conftest import Runs
from example_com import ExampleCom
from pages import Block, blocks
from sandbox import Sandbox

_YAML = [
    block for block in blocks() if block.language == "yaml" and not playbooks.is_requirements(block)
]
_RUN = [block for block in _YAML if not playbooks.uses_what_is_not_here(block)]
_SETTLING = [block for block in _RUN if playbooks.settles(block)]


def test_there_are_some() -> None:
    assert len(_RUN) > 5
    assert len(_SETTLING) > 1


@pytest.mark.parametrize("playbook", _RUN, ids=str)
def test_a_block_of_yaml_runs(
    playbook: Block, runs: Callable[[Block], Runs], example_com: ExampleCom
) -> None:
    status, output = runs(playbook)[0]
    assert status == 0, output
    assert example_com.password not in output and example_com.as_token not in output
    assert not re.search(r"sy[tr]_\w{4}", output), "a token was shown"


@pytest.mark.parametrize("playbook", _SETTLING, ids=str)
def test_a_second_run_changes_nothing(playbook: Block, runs: Callable[[Block], Runs]) -> None:
    status, output = runs(playbook)[1]
    assert status == 0, output
    assert set(re.findall(r"changed=(\d+)", output)) == {"0"}, output


@pytest.mark.parametrize(
    "block", [block for block in _YAML if playbooks.uses_what_is_not_here(block)], ids=str
)
def test_a_block_for_what_is_not_here_is_a_list_of_tasks(block: Block, sandbox: Sandbox) -> None:
    for task in playbooks.content(block):
        assert "name" in task, task
        assert any(isinstance(arguments, dict) for arguments in task.values()), task
