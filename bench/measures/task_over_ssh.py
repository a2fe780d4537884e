"""Tasks over ssh to a real sshd: as Ansible does it by default, and from far away with pipelining on."""

from collections.abc import Iterator

from bench import row, ssh_run, tasks
from bench.row import Goal, Row
from bench.servers import recording
from bench.servers.delay import DelayingProxy
from bench.servers.homeserver import whoami_request
from bench.stage import Stage
from bench.tasks import COLLECTION, URI, Connection

ROUND_TRIP = 0.05
_STEPS = (
    "The binary is larger than a Python module, and without facts the target is asked for its processor first. "
    "`delegate_to: localhost` needs no ssh at all."
)
_NEAR = Connection(8, {})
FAR = Connection(5, {(COLLECTION, URI): Goal(0.5, _STEPS)})


class Near:
    TITLE = "Task over ssh, pipelining off"

    def rows(self, stage: Stage) -> Iterator[Row]:
        with ssh_run.near(stage, "near") as run:
            yield from tasks.rows(stage, run, _NEAR)


class Far:
    TITLE = "Task over ssh, pipelining on, round trip of 50 ms"

    def rows(self, stage: Stage) -> Iterator[Row]:
        with ssh_run.far(stage, "far", ROUND_TRIP) as run:
            yield from tasks.rows(stage, run, FAR)
        yield row.floor("floor: a round trip", row.milliseconds, _round_trips(stage))


def _round_trips(stage: Stage) -> list[float]:
    """What the proxy really does to a request and its answer."""
    port = DelayingProxy(stage.here.port, ROUND_TRIP).port
    request = whoami_request(stage.access_token)
    return [recording.timed(port, request) for _ in range(5)]
