"""Owns a run of ansible-playbook over ssh: its one host is behind an sshd of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.ansible_run import INTERPRETER, AnsibleRun
from bench.servers.delay import DelayingProxy
from bench.stage import Stage

# bench.places, which the others import, is the way to these.
import ports
from sshd import Sshd


@contextmanager
def near(stage: Stage, name: str, **options: Any) -> Iterator[AnsibleRun]:
    """`options` are those of the run."""
    with _sshd(stage, name) as host:
        yield AnsibleRun(stage.folder / name, {"there": host}, **options)


@contextmanager
def far(stage: Stage, name: str, round_trip: float, **options: Any) -> Iterator[AnsibleRun]:
    """With pipelining, as everybody would have it there. `round_trip` in seconds."""
    with _sshd(stage, name) as host:
        host["ansible_port"] = DelayingProxy(host["ansible_port"], round_trip).port
        settings = {"ANSIBLE_PIPELINING": "1"}
        yield AnsibleRun(stage.folder / name, {"there": host}, settings, **options)


@contextmanager
def _sshd(stage: Stage, name: str) -> Iterator[dict[str, Any]]:
    """What Ansible has to know of the host."""
    folder = stage.make_folder(name)
    sshd = Sshd(folder / "sshd", folder, ports.free())
    try:
        known_hosts = folder / "sshd/known_hosts"
        known_hosts.write_text("bench " + (folder / "sshd/host_key.pub").read_text())
        host = sshd.inventory() | INTERPRETER
        host["ansible_ssh_common_args"] += " -o HostKeyAlias=bench"
        yield host
    finally:
        sshd.stop()
