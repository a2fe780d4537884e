"""What docs/migration.md says of a token that was copied out of Element Web."""

import json

import playbooks
from pages import Block, blocks
from sandbox import Sandbox

_COMMAND = ("ansible-playbook", "--inventory", "inventory.json")


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
