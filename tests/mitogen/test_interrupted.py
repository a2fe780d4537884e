"""What an interrupted run under Mitogen's strategy leaves behind: its file of arguments stays, so the binary empties it first."""

import os
import shutil
import signal
import socket

import pytest

from ansible_cores import wanted
from playing import Controller
from search import in_folder
from secret_texts import SecretText

_PATIENCE = 60


@pytest.mark.parametrize("way, host", [("collection", "over_ssh_as_other"), ("drop_in", "here")])
def test_the_password_is_on_no_disk_while_the_homeserver_is_waited_for(
    controller: Controller, passwords: dict[str, SecretText], way: str, host: str
) -> None:
    core = wanted()[-1]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(_PATIENCE)
        variables = {name: secret.value for name, secret in passwords.items()} | {
            "homeserver_url": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "sessions": str(controller.sessions),
        }
        options = (f"--limit={host}", "--start-at-task=Log in")
        with controller.start(core, way, variables, *options) as process:
            connection, _ = silent.accept()
            with connection:
                connection.settimeout(_PATIENCE)
                assert connection.recv(1)
                while_it_waits = [file.read_bytes() for file in controller.tmp.rglob("*-args")]
                os.killpg(process.pid, signal.SIGINT)
                printed, _ = process.communicate()
    assert while_it_waits == [b""], printed
    assert not list(in_folder(controller.root, passwords.values(), [controller.variables]))
    for folder in controller.tmp.iterdir():
        shutil.rmtree(folder)
