"""What the README says of check mode: where there is no session yet, nothing that a login would meet is tried, and little of it is shown."""

import json

from pages import MODULE
from sandbox import Sandbox

_PLAY = {
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


def test_neither_a_dead_server_nor_a_missing_folder_is_predicted(sandbox: Sandbox) -> None:
    playbook = str(sandbox.write("playbook.yml", json.dumps([_PLAY])))
    command = ("ansible-playbook", "-v", "--inventory", "localhost,", playbook)

    predicted = sandbox.run(*command, "--check")
    assert predicted.returncode == 0, predicted.stdout
    assert "changed=1" in predicted.stdout
    assert "would log in" not in predicted.stdout

    assert sandbox.run(*command).returncode == 2
