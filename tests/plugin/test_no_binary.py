"""Where the binary can't or mustn't run in place, Ansible runs it in its own way; where there is none, the message names a way out that is one."""

import shutil
from pathlib import Path

from ansible_cores import Core
from sshd import Sshd
from harness import Trial, over_ssh

_HERE = Path(__file__).resolve().parent
_MODULES = "collections/ansible_collections/selfhosted/matrix/plugins/modules"


def _message(trial: Trial) -> str:
    printed = trial.run("known.yml", known_system="FreeBSD", known_architecture="amd64")
    return " ".join(printed.split()).split("no binary for")[1]


def _remove_the_control_nodes(trial: Trial) -> None:
    (binary,) = (trial.root / _MODULES).glob("__bin/*")
    binary.rename(binary.with_name("linux_riscv64"))


def test_another_host_is_sent_to_the_control_node(core: Core, sshd: Sshd, tmp_path: Path) -> None:
    message = _message(Trial(core, tmp_path, host=over_ssh(sshd)))
    assert message.startswith(" FreeBSD amd64 (freebsd_x86_64), the collection has: linux_")
    assert "`delegate_to: localhost`" in message
    assert "build" not in message


def test_the_control_node_is_not_sent_to_itself(core: Core, tmp_path: Path) -> None:
    trial = Trial(core, tmp_path)
    _remove_the_control_nodes(trial)
    message = _message(trial)
    assert "the collection has: linux_riscv64" in message
    assert "for example the homeserver's own, or build the binary and put it into /" in message
    assert "delegate_to: localhost" not in message


def test_another_host_is_not_sent_to_a_control_node_without_one(
    core: Core, sshd: Sshd, tmp_path: Path
) -> None:
    trial = Trial(core, tmp_path, host=over_ssh(sshd))
    _remove_the_control_nodes(trial)
    message = _message(trial)
    assert message.startswith(" FreeBSD")
    assert "delegate_to: localhost" not in message


def test_a_local_connection_of_somebodys_own_is_used(core: Core, tmp_path: Path) -> None:
    trial = Trial(core, tmp_path)
    shutil.copytree(_HERE / "connection_plugins", tmp_path / "connection_plugins")
    trial.run("once.yml")
    assert all(call["argv"][0].endswith("/args") for call in trial.calls)
