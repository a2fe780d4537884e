"""What the page of the role says of tags: where a service is configured its token is there, and elsewhere nobody asks the homeserver."""

import json

import pytest

import playbooks
import variables
from sandbox import Sandbox

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


def _run(sandbox: Sandbox, *options: str, **account: object) -> str:
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
    output = _run(sandbox, "--tags", f"{tag},ensure-matrix-users-created,start")
    assert "token: True" in output
    assert "started" in output


def test_a_homeserver_that_is_down_can_be_started(sandbox: Sandbox) -> None:
    output = _run(sandbox, "--tags", "start", homeserver_url="http://127.0.0.1:9")
    assert "started" in output


def test_a_new_server_is_set_up_before_there_is_a_user(sandbox: Sandbox) -> None:
    tags = ("--tags", "install-all,ensure-matrix-users-created,start")
    output = _run(sandbox, *tags, "--skip-tags", "access-tokens", user_id="@nobody:example.com")
    assert "token: False" in output
    assert "started" in output
