"""What the collection saves on each version of ansible-core that there is an environment for (`make cores`)."""

from collections.abc import Iterator

from bench import ssh_run, tasks
from bench.ansible_run import LOCAL, AnsibleRun
from bench.measures import task_here, task_over_ssh
from bench.row import Row
from bench.stage import Stage
from bench.tasks import COLLECTION, Connection

# bench.places, which the others import, is the way to it.
from ansible_cores import CORES, Core

TITLE = "Each version of ansible-core"
_HERE = Connection(10, {pair: goal for pair, goal in task_here.GOALS.items() if COLLECTION in pair})
_FAR = Connection(4, task_over_ssh.FAR.goals)


def rows(stage: Stage) -> Iterator[Row]:
    for core in CORES:
        if core.is_made:
            yield from _rows(stage, core)


def _rows(stage: Stage, core: Core) -> Iterator[Row]:
    program = str(core.environment / "bin/ansible-playbook")
    here = AnsibleRun(stage.make_folder(f"{core}"), {"here": LOCAL}, ansible_playbook=program)
    yield from tasks.wanted(f"{core}, local", stage, here, _HERE)
    round_trip = task_over_ssh.ROUND_TRIP
    with ssh_run.far(stage, f"{core}-far", round_trip, ansible_playbook=program) as far:
        yield from tasks.wanted(f"{core}, ssh, pipelining, 50 ms", stage, far, _FAR)
