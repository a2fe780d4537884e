"""Tasks over ssh to a real sshd: as Ansible does it by default, and from far away with pipelining on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bench.places  # the way to the two that follow
import ports
from sshd import Sshd

from bench.ansible_run import AnsibleRun
from bench.delay import DelayingProxy
from bench.measures import tasks
from bench.measures.tasks import COLLECTION, DROP_IN, NOOP, URI, Connection
from bench.row import Row
from bench.stage import Stage

_ROUND_TRIP = 0.05
_SIZE = "Ansible compresses and copies the whole binary each time: next to a module of the same size that does nothing, see above."
_NEAR = Connection(
    8,
    {(DROP_IN, NOOP): 1.05, (COLLECTION, NOOP): 1.05},
    {(DROP_IN, NOOP): _SIZE, (COLLECTION, NOOP): _SIZE},
    size_matters=True,
)
_FAR = Connection(
    5,
    {(COLLECTION, URI): 1.0},
    {
        (
            COLLECTION,
            URI,
        ): "Ansible sends a Python module down one ssh session, and copies a binary in six. "
        "`delegate_to: localhost` needs none.",
    },
    size_matters=True,
)


class Near:
    TITLE = "Task over ssh, pipelining off"

    def rows(self, stage: Stage) -> Iterator[Row]:
        with _sshd(stage, "near") as (run, _):
            yield from tasks.rows(stage, run, _NEAR)


class Far:
    TITLE = "Task over ssh, pipelining on, round trip of 50 ms"

    def rows(self, stage: Stage) -> Iterator[Row]:
        with _sshd(stage, "far", {"ANSIBLE_PIPELINING": "1"}) as (run, host):
            host["ansible_port"] = DelayingProxy(host["ansible_port"], _ROUND_TRIP).port
            yield from tasks.rows(stage, run, _FAR)


@contextmanager
def _sshd(
    stage: Stage, name: str, settings: dict[str, str] | None = None
) -> Iterator[tuple[AnsibleRun, dict[str, Any]]]:
    """A run whose one host is behind an sshd of its own, and what Ansible knows of that host."""
    folder = stage.make_folder(name)
    sshd = Sshd(folder / "sshd", folder, ports.free())
    try:
        known_hosts = folder / "sshd/known_hosts"
        known_hosts.write_text("bench " + (folder / "sshd/host_key.pub").read_text())
        host = sshd.inventory() | {"ansible_python_interpreter": sys.executable}
        host["ansible_ssh_common_args"] += " -o HostKeyAlias=bench"
        yield AnsibleRun(folder, {"there": host}, settings or {}), host
    finally:
        sshd.stop()
