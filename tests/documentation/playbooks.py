"""Owns the way from a block of YAML to a playbook that runs: the same text, with hosts, variables and folders to run it with."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import variables
from pages import MODULE, PROJECT, Block, blocks
from sandbox import Sandbox

# Its collection is only to be had from Ansible Galaxy.
_NOT_HERE = "famedly.matrix."
_ROLE = "selfhosted.matrix.access_tokens"
_GROUP = "matrix_servers"
# What tells the options of our module, or an account of the role, from any other mapping.
_OURS = ("user_id", "access_token", "session_file")
_NO_CREDENTIAL = {"homeserver_url", "user_id", "session_file", "facts"}


def content(block: Block) -> Any:
    return yaml.safe_load(block.text)


def uses_what_is_not_here(block: Block) -> bool:
    return any(
        name.startswith(_NOT_HERE) for mapping in _mappings(content(block)) for name in mapping
    )


def is_requirements(block: Block) -> bool:
    """What `ansible-galaxy` reads, and not `ansible-playbook`."""
    return "collections" in content(block)


def site() -> Block:
    """The reader's own playbook, which gives another one its tokens."""
    (found,) = (
        block
        for block in blocks()
        if block.language == "yaml" and "import_playbook: setup.yml" in block.text
    )
    return found


def settles(block: Block) -> bool:
    """Whether a second run must change nothing, as the README says: there is a session file for all that it does."""
    sessions = [given for given in _mappings(content(block)) if any(key in given for key in _OURS)]
    return (
        block.place.startswith("README.md")
        and bool(sessions)
        and all(
            "session_file" in given and "force" not in given and given.get("state") != "absent"
            for given in sessions
        )
    )


def facts(block: Block) -> list[str]:
    """The names of all that is to be there afterwards."""
    mappings = list(_mappings(content(block)))
    named = [name for given in mappings for name in given.get("facts") or {}]
    named += [f"{task['register']}.access_token" for task in mappings if _registers(task)]
    return named + [name for name in _variables(block) if not name.startswith("access_tokens_")]


def _registers(task: dict[str, Any]) -> bool:
    ours = task.get(MODULE) or task.get("matrix_access_token")
    return ours is not None and "register" in task and "loop" not in task


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """All that there are, at any depth."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _mappings(part)


def _variables(block: Block) -> dict[str, Any]:
    """The block itself, if it is what an inventory holds."""
    whole = content(block)
    return whole if isinstance(whole, dict) else {}


def prepare(block: Block, sandbox: Sandbox) -> str:
    """Writes down all that `ansible-playbook` needs; returns the name of the playbook."""
    text = in_the_sandbox(block, sandbox)
    here = Block(block.place, block.language, text)
    _write_sessions(here, sandbox)
    if sandbox.example_com.mas:
        bin_folder = sandbox.root / "matrix/matrix-authentication-service/bin"
        bin_folder.mkdir(parents=True, exist_ok=True)
        (bin_folder / "mas-cli").symlink_to(sandbox.example_com.mas["mas_cli"])
    sandbox.write("block.yml", text)
    # What a playbook of the reader's own is called in the examples.
    sandbox.write("setup.yml", json.dumps([{"hosts": _GROUP, "gather_facts": False}]))
    (sandbox.root / "library").mkdir()
    shutil.copy(PROJECT / "dist/matrix_access_token", sandbox.root / "library")
    inventory = variables.inventory(text, sandbox, _variables(here))
    sandbox.write("inventory.json", json.dumps(inventory))
    return sandbox.write("playbook.yml", json.dumps(_plays(here))).name


def in_the_sandbox(block: Block, sandbox: Sandbox) -> str:
    """The same text, with the folders of session files below the sandbox; they are made."""
    text = re.sub(r"(?<=[\s\"'])/matrix/", f"{sandbox.root}/matrix/", block.text)
    for folder in re.findall(rf"{sandbox.root}/matrix/\S+(?=/)", text):
        Path(folder).mkdir(parents=True, exist_ok=True)
    return text


def _write_sessions(block: Block, sandbox: Sandbox) -> None:
    """Those that the reader has by then, where a block has nothing to log in with."""
    for given in _mappings(content(block)):
        if not {"user_id", "session_file"} - given.keys() and given.keys() <= _NO_CREDENTIAL:
            localpart = given["user_id"][1:].split(":")[0]
            session = {
                "homeserver": given["homeserver_url"],
                "user_id": given["user_id"],
                "access_token": sandbox.example_com.token_of(localpart),
            }
            sandbox.write(given["session_file"], json.dumps(session))


def _plays(block: Block) -> list[dict[str, Any]]:
    whole = content(block)
    if isinstance(whole, dict):
        task: dict[str, Any] = {"ansible.builtin.include_role": {"name": _ROLE}}
        return [_play(_GROUP, [task, _check_facts(block)])]
    if any(key in whole[0] for key in ("hosts", "import_playbook")):
        hosts = whole[0].get("hosts", _GROUP)
        return [{"import_playbook": "block.yml"}, _play(hosts, [_check_facts(block)])]
    task = {"ansible.builtin.import_tasks": "block.yml"}
    return [_play("localhost", [task, _check_facts(block)])]


def _play(hosts: str, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"hosts": hosts, "gather_facts": False, "tasks": tasks}


def _check_facts(block: Block) -> dict[str, Any]:
    return {"ansible.builtin.assert": {"that": [f"{name} is truthy" for name in facts(block)]}}
