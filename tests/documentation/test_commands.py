"""Every command in the documentation works: those in blocks are run, `make` only says what it would do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import playbooks
import variables
from example_com import ExampleCom
from pages import Block, blocks, pages, words_in_code
from sandbox import Sandbox

_SHELL = [block for block in blocks() if block.language == "sh"]
_REQUIREMENTS = [
    block for block in blocks() if block.language == "yaml" and playbooks.is_requirements(block)
]
_ARGUMENTS = [block for block in blocks() if block.language == "json"]
_PLACEHOLDER = "PASSWORD"
_LOGIN_TOKEN = "LOGIN_TOKEN"
# Those that a line of text may tell the reader to run.
_PROGRAMS = ("make", "cargo", "ansible-doc", "grep", "matrix_access_token")


def _commands() -> Iterator[str]:
    for words in {words for page in pages() for words in words_in_code(page)}:
        program, *arguments = words.split()
        if arguments and program in _PROGRAMS:
            yield words


def _write_files(sandbox: Sandbox) -> None:
    """What the reader has, by the names that the pages give it."""
    arguments = {
        "user_id": "@baibot:example.com",
        "password": sandbox.example_com.password,
        "return_token": "always",
    }
    sandbox.write("args.json", json.dumps(arguments))
    sandbox.write("inventory/hosts", json.dumps(variables.inventory("", sandbox, {})))
    sandbox.write("site.yml", playbooks.in_the_sandbox(playbooks.site(), sandbox))
    sandbox.write("setup.yml", json.dumps([{"hosts": "matrix_servers", "gather_facts": False}]))
    (requirements,) = _REQUIREMENTS
    sandbox.write("requirements.yml", requirements.text)


@pytest.mark.parametrize("block", _SHELL, ids=str)
def test_a_block_of_commands_runs(block: Block, sandbox: Sandbox, example_com: ExampleCom) -> None:
    _write_files(sandbox)
    text = block.text.replace(_PLACEHOLDER, example_com.password)
    result = sandbox.run("bash", "-euo", "pipefail", "-c", text)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("block", _ARGUMENTS, ids=str)
def test_a_block_of_json_is_what_the_module_takes(
    block: Block, sandbox: Sandbox, example_com: ExampleCom
) -> None:
    text = playbooks.in_the_sandbox(block, sandbox).replace(_PLACEHOLDER, example_com.password)
    if _LOGIN_TOKEN in text:
        text = text.replace(_LOGIN_TOKEN, example_com.login_token_of("reports"))
    result = sandbox.run("matrix_access_token", str(sandbox.write("args.json", text)))
    assert result.returncode == 0, result.stdout
    kept = json.loads(text).get("session_file")
    assert json.loads(Path(kept).read_text() if kept else result.stdout)["access_token"]


@pytest.mark.parametrize("command", sorted(_commands()))
def test_a_command_in_a_line_of_text_runs(command: str, sandbox: Sandbox) -> None:
    _write_files(sandbox)
    result = sandbox.run("bash", "-euo", "pipefail", "-c", command)
    assert result.returncode == 0, result.stdout
