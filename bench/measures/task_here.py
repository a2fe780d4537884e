"""Tasks on the machine that ansible-playbook runs on."""

from collections.abc import Iterator

from bench import tasks
from bench.ansible_run import LOCAL, AnsibleRun
from bench.row import Goal, Row
from bench.stage import Stage
from bench.tasks import COLLECTION, DROP_IN, LARGE_NOOP, NOOP, Connection

_ROUNDS = 25
GOALS = {(DROP_IN, LARGE_NOOP): Goal(1.10), (COLLECTION, NOOP): Goal(1.0)}


class Local:
    TITLE = "Task, local connection"

    def rows(self, stage: Stage) -> Iterator[Row]:
        run = AnsibleRun(stage.make_folder("local"), {"here": LOCAL})
        yield from tasks.rows(stage, run, Connection(_ROUNDS, GOALS))


class Delegated:
    TITLE = "Task, delegate_to: localhost"

    def rows(self, stage: Stage) -> Iterator[Row]:
        # Nobody ever connects to it.
        hosts = {"elsewhere": {"ansible_host": "192.0.2.1"}, "localhost": LOCAL}
        run = AnsibleRun(stage.make_folder("delegated"), hosts, pattern="elsewhere")
        keywords = {"delegate_to": "localhost"}
        yield from tasks.rows(stage, run, Connection(_ROUNDS, GOALS, keywords))
