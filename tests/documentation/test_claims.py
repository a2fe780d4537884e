"""What the pages say without an example that shows it: of check mode, loops, tags, and a token that was copied out of Element Web."""

import json
import shutil

import pytest

import playbooks
import variables
from pages import MODULE, PROJECT, Block, blocks
from sandbox import Sandbox

_PREDICTED = {
    "hosts": "localhost",
    "connection": "local",
    "gather_facts": False,
    "tasks": [
        {
            MODULE: {
                "homeserver_url": "http://127.0.0.1:9",
                "user_id": "nobody",
                "password": "none",
                "device_id": "BOT",
                "session_file": "no/such/folder/session.json",
                "wait_timeout": 0,
            },
            "register": "session",
        },
        {
            "ansible.builtin.assert": {
                "that": [
                    "session.session == 'new'",
                    "session.user_id == 'nobody'",
                    "session.device_id == 'BOT'",
                ],
                "quiet": True,
            },
        },
    ],
}
_SECRET = "the_password_in_the_item"
_NOTHING_TO_REVOKE = {
    "state": "absent",
    "user_id": "{{ item.user }}",
    "homeserver_url": "https://matrix.example.com",
    "session_file": "none.json",
}
_SETUP = {
    "hosts": "matrix_servers",
    "gather_facts": False,
    "tasks": [
        {
            "ansible.builtin.debug": {"msg": "token: {{ token_of_the_bot is defined }}"},
            "tags": ["setup-all", "install-all"],
        },
        {"ansible.builtin.debug": {"msg": "started"}, "tags": ["start"]},
    ],
}
_COMMAND = ("ansible-playbook", "--inventory", "inventory.json")


def test_neither_a_dead_server_nor_a_missing_folder_is_predicted(sandbox: Sandbox) -> None:
    playbook = str(sandbox.write("playbook.yml", json.dumps([_PREDICTED])))
    command = ("ansible-playbook", "-v", "--inventory", "localhost,", playbook)

    predicted = sandbox.run(*command, "--check")
    assert predicted.returncode == 0, predicted.stdout
    assert "changed=1" in predicted.stdout
    assert "would log in" not in predicted.stdout

    assert sandbox.run(*command).returncode == 2


@pytest.mark.parametrize("no_log, shown", [(False, True), (True, False)])
def test_no_log_hides_an_item_and_a_label_does_not(
    sandbox: Sandbox, no_log: bool, shown: bool
) -> None:
    task = {
        "matrix_access_token": _NOTHING_TO_REVOKE,
        "loop": [{"user": "bot", "password": _SECRET}],
        "loop_control": {"label": "{{ item.user }}"},
        "no_log": no_log,
    }
    (sandbox.root / "library").mkdir()
    shutil.copy(PROJECT / "dist/matrix_access_token", sandbox.root / "library")
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    playbook = sandbox.write("playbook.yml", json.dumps([play]))
    run = sandbox.run("ansible-playbook", "-v", "--inventory", "localhost,", str(playbook))
    assert run.returncode == 0, run.stdout
    assert (_SECRET in run.stdout) == shown


def _run_with_tags(sandbox: Sandbox, *options: str, **account: object) -> str:
    inventory = variables.inventory("", sandbox, {})
    (given,) = inventory["all"]["vars"]["access_tokens_accounts"]
    given.update({"facts": {"token_of_the_bot": "access_token"}}, **account)
    sandbox.write("inventory.json", json.dumps(inventory))
    sandbox.write("setup.yml", json.dumps([_SETUP]))
    sandbox.write("site.yml", playbooks.in_the_sandbox(playbooks.site(), sandbox))
    run = sandbox.run("ansible-playbook", "--inventory", "inventory.json", "site.yml", *options)
    assert run.returncode == 0, run.stdout
    return run.stdout


@pytest.mark.parametrize("tag", ["setup-all", "install-all"])
def test_a_service_that_is_configured_has_its_token(sandbox: Sandbox, tag: str) -> None:
    output = _run_with_tags(sandbox, "--tags", f"{tag},ensure-matrix-users-created,start")
    assert "token: True" in output
    assert "started" in output


def test_a_homeserver_that_is_down_can_be_started(sandbox: Sandbox) -> None:
    output = _run_with_tags(sandbox, "--tags", "start", homeserver_url="http://127.0.0.1:9")
    assert "started" in output


def test_a_new_server_is_set_up_before_there_is_a_user(sandbox: Sandbox) -> None:
    tags = ("--tags", "install-all,ensure-matrix-users-created,start")
    output = _run_with_tags(
        sandbox, *tags, "--skip-tags", "access-tokens", user_id="@nobody:example.com"
    )
    assert "token: False" in output
    assert "started" in output


def _taking_over() -> Block:
    (found,) = (
        block
        for block in blocks()
        if block.place.startswith("docs/migration.md")
        and '  access_token: "{{ vault_' in block.text
    )
    return found


def test_it_is_kept_until_it_is_dead_and_then_the_task_says_so(sandbox: Sandbox) -> None:
    playbook = playbooks.prepare(_taking_over(), sandbox)
    assert sandbox.run(*_COMMAND, playbook).returncode == 0
    session = json.loads((sandbox.root / "matrix/reminder-bot/session.json").read_text())
    given = json.loads((sandbox.root / "inventory.json").read_text())["all"]["vars"]
    assert session["access_token"] == given["vault_reminder_bot_access_token"]

    sandbox.example_com.log_out(session["access_token"])
    run = sandbox.run(*_COMMAND, playbook)
    assert run.returncode == 2, run.stdout
    assert "is no longer valid" in run.stdout, run.stdout
    assert session["access_token"] not in run.stdout
