"""Tasks on the machine that ansible-playbook runs on."""

from collections.abc import Iterator

from bench import tasks
from bench.ansible_run import LOCAL, AnsibleRun
from bench.row import Goal, Row
from bench.stage import Stage
from bench.tasks import COLLECTION, DROP_IN, NOOP, URI, Connection

_ROUNDS = 25
_LARGER = "Ansible copies it, and it is larger: next to a no-op module of our size, little is left."
_COPIED = "Most of it is what Ansible does around any binary that it copies: see what uri is to the no-op module."
GOALS = {
    (DROP_IN, NOOP): Goal(1.10, _LARGER),
    (DROP_IN, URI): Goal(0.1, _COPIED),
    (COLLECTION, NOOP): Goal(1.0),
    (COLLECTION, URI): Goal(0.04),
}


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
