"""What SECURITY.md says of loops: Ansible shows the items of a drop-in that runs without `no_log`, whatever their label is."""

import json
import shutil

import pytest

from pages import PROJECT
from sandbox import Sandbox

_SECRET = "the_password_in_the_item"
_NOTHING_TO_REVOKE = {
    "state": "absent",
    "user_id": "{{ item.user }}",
    "homeserver_url": "https://matrix.example.com",
    "session_file": "none.json",
}


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
