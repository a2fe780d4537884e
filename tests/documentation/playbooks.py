"""Owns the way from a block of YAML to a playbook that runs: the same text, with variables, hosts and folders to run it with."""

import json
import re
import shutil
from typing import Any

import yaml

from example_com import ExampleCom
from pages import MODULE, PROJECT, Block
from sandbox import Sandbox

Entries = list[dict[str, Any]]
_MODULES = (MODULE, "matrix_access_token")
# Its collection is only to be had from Ansible Galaxy.
_NOT_HERE = "famedly.matrix."


def entries(block: Block) -> Entries:
    """Plays or tasks."""
    content = yaml.safe_load(block.text)
    assert isinstance(content, list), f"{block}: neither tasks nor plays"
    return content


def tasks(block: Block) -> Entries:
    return [task for entry in entries(block) for task in entry.get("tasks", [entry])]


def uses_what_is_not_here(block: Block) -> bool:
    return any(name.startswith(_NOT_HERE) for task in tasks(block) for name in task)


def options(task: dict[str, Any]) -> dict[str, Any]:
    """Those of our module, if it is the task's."""
    given: dict[str, Any] = next((task[name] for name in _MODULES if name in task), {})
    return given


def settles(block: Block) -> bool:
    """Whether a second run must change nothing: there is a session file for all that it does."""
    ours = [given for given in map(options, tasks(block)) if given]
    return bool(ours) and all(
        "session_file" in given and "force" not in given and given.get("state") != "absent"
        for given in ours
    )


def prepare(block: Block, sandbox: Sandbox) -> str:
    """Writes down all that `ansible-playbook` needs; returns the name of the playbook."""
    text = re.sub(r"(?<=[\s\"'])/matrix/", f"{sandbox.root}/matrix/", block.text)
    for folder in re.findall(rf"{sandbox.root}/matrix/\S+(?=/)", text):
        sandbox.root.joinpath(folder).mkdir(parents=True, exist_ok=True)
    if "hosts" in entries(block)[0]:
        hosts = {entry["hosts"] for entry in entries(block)}
        plays = sandbox.write("block.yml", text)
        imported: Entries = [{"import_playbook": plays.name}]
    else:
        hosts = {"localhost"}
        sandbox.write("block.yml", text)
        task = {"ansible.builtin.import_tasks": "block.yml"}
        imported = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    for group in hosts:
        imported += [_check_facts(group, block)]
    _drop_in(sandbox)
    sandbox.write("inventory.json", json.dumps(_inventory(hosts, block, sandbox)))
    return sandbox.write("playbook.yml", json.dumps(imported)).name


def _check_facts(hosts: str, block: Block) -> dict[str, Any]:
    """Every fact that the block names is there."""
    facts = [name for task in tasks(block) for name in options(task).get("facts", {})]
    task = {
        "ansible.builtin.assert": {"that": "lookup('ansible.builtin.vars', item) is truthy"},
        "loop": facts,
    }
    return {"hosts": hosts, "gather_facts": False, "tasks": [task]}


def _drop_in(sandbox: Sandbox) -> None:
    (sandbox.root / "library").mkdir()
    shutil.copy(PROJECT / "dist/matrix_access_token", sandbox.root / "library")


def _inventory(hosts: set[str], block: Block, sandbox: Sandbox) -> dict[str, Any]:
    here = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    groups: dict[str, Any] = {host: {"hosts": {"here": {}}} for host in hosts - {"localhost"}}
    variables = here | _variables(block.text, sandbox.example_com)
    return {"all": {"vars": variables, "hosts": {"localhost": {}}, "children": groups}}


def _variables(text: str, example_com: ExampleCom) -> dict[str, Any]:
    named = set(re.findall(r"\bvault_\w+", text))
    return {"matrix_domain": "example.com"} | {name: _secret(name, example_com) for name in named}


def _secret(name: str, example_com: ExampleCom) -> Any:
    if name == "vault_bot_passwords":
        return {user: example_com.password for user in ("hookshot", "postmoogle")}
    if name.endswith("_password"):
        return example_com.password
    if name.endswith("_as_token"):
        return example_com.as_token
    owner = {
        "vault_matrix_admin_access_token": "admin",
        "vault_reminder_bot_access_token": "reminder",
    }
    return example_com.token_of(owner[name])
