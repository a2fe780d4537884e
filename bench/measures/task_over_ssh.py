"""Tasks over ssh to a real sshd: as Ansible does it by default, and from far away with pipelining on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import row, tasks
from bench.ansible_run import INTERPRETER, AnsibleRun
from bench.row import Goal, Row
from bench.servers import recording
from bench.servers.delay import DelayingProxy
from bench.servers.homeserver import whoami_request
from bench.stage import Stage
from bench.tasks import COLLECTION, DROP_IN, NOOP, URI, Connection

# bench.places, which the others import, is the way to these.
import ports
from sshd import Sshd

_ROUND_TRIP = 0.05
_COPIED = (
    "Ansible compresses the whole binary and copies it each time: next to a module of our size that does nothing, "
    "little is left."
)
_STEPS = (
    "The binary is larger than a Python module, and without facts the target is asked for its processor first. "
    "`delegate_to: localhost` needs no ssh at all."
)
_NEAR = Connection(
    8,
    {(DROP_IN, NOOP): Goal(1.05, _COPIED), (COLLECTION, NOOP): Goal(1.05, _COPIED)},
)
_FAR = Connection(5, {(COLLECTION, URI): Goal(1.0, _STEPS)})


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
        yield row.floor("floor: a round trip", row.milliseconds, _round_trips(stage))


def _round_trips(stage: Stage) -> list[float]:
    """What the proxy really does to a request and its answer."""
    port = DelayingProxy(stage.here.port, _ROUND_TRIP).port
    request = whoami_request(stage.access_token)
    return [recording.timed(port, request) for _ in range(5)]


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
        host = sshd.inventory() | INTERPRETER
        host["ansible_ssh_common_args"] += " -o HostKeyAlias=bench"
        yield AnsibleRun(folder, {"there": host}, settings or {}), host
    finally:
        sshd.stop()
