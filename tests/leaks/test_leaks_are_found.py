"""Finding nothing means something: a careless playbook's leaks are all found."""

import base64
import subprocess

import pytest

from scan import Findings, running
from search import in_text
from secret_texts import planted, planted_password
from syslog_listener import SyslogListener


@pytest.mark.parametrize(
    "where, secret",
    [
        ("output/careless.txt", "handed-out access_token"),
        ("output/careless.txt", "wrong_password"),
        ("output/careless.txt", "wrong_jwt"),
        ("output/careless.txt", "wrong_as_token"),
        ("output/ansible.log", "handed-out access_token"),
        ("output/everything.jsonl", "handed-out access_token"),
        ("tree/over_ssh", "wrong_shared_secret"),
        ("log_plays/over_ssh", "wrong_shared_secret"),
        ("log_plays/here", "handed-out access_token"),
        ("home/left_behind", "handed-out access_token"),
        ("cache/", "handed-out access_token"),
    ],
)
def test_a_planted_leak_is_found(careless: Findings, where: str, secret: str) -> None:
    found = [leak.where for leak in careless.leaks if leak.secret == secret]
    assert any(place.startswith(where) for place in found), found


def test_the_system_log_is_listened_to(careless: Findings, system_log: SyslogListener) -> None:
    found = any(leak.where == "system log" for leak in careless.leaks)
    assert found == system_log.is_listening


def test_a_secret_in_a_process_is_found() -> None:
    secret = planted("secret")
    pipe = subprocess.PIPE
    command = ["/bin/sh", "-c", "echo; read end"]
    with subprocess.Popen(
        command, env={"SECRET": secret.value}, stdin=pipe, stdout=pipe
    ) as process:
        # Not before its first words has it an environment for sure.
        assert process.stdout and process.stdout.readline()
        visible = [other.visible for other in running() if other.pid == process.pid]
        process.kill()
    assert [leak.shape for leak in in_text("process", visible[0], [secret])] == ["plain"]


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_secret_in_base64_is_found_at_any_offset(before: str) -> None:
    secret = planted_password("secret")
    text = base64.b64encode(f"{before}{secret.value} and more".encode())
    assert len(list(in_text("text", text, [secret]))) == 1
