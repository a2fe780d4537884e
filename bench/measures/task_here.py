"""Tasks on the machine that ansible-playbook runs on."""

import sys
from collections.abc import Iterator

from bench.ansible_run import AnsibleRun
from bench.measures import tasks
from bench.measures.tasks import COLLECTION, DROP_IN, NOOP, URI, Connection
from bench.row import Row
from bench.stage import Stage

_ROUNDS = 15
_GOALS = {
    (DROP_IN, NOOP): 1.10,
    (DROP_IN, URI): 0.1,
    (COLLECTION, NOOP): 1.0,
    (COLLECTION, URI): 0.04,
}
_WHY = {
    (
        DROP_IN,
        URI,
    ): "Ansible copies a binary in as many steps as a Python module; the floor is the no-op module.",
}
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}


class Local:
    TITLE = "Task, local connection"

    def rows(self, stage: Stage) -> Iterator[Row]:
        run = AnsibleRun(stage.make_folder("local"), {"here": LOCAL})
        yield from tasks.rows(stage, run, Connection(_ROUNDS, _GOALS, _WHY))


class Delegated:
    TITLE = "Task, delegate_to: localhost"

    def rows(self, stage: Stage) -> Iterator[Row]:
        # Nobody ever connects to it.
        hosts = {"elsewhere": {"ansible_host": "192.0.2.1"}, "localhost": LOCAL}
        run = AnsibleRun(stage.make_folder("delegated"), hosts, pattern="elsewhere")
        keywords = {"delegate_to": "localhost"}
        yield from tasks.rows(stage, run, Connection(_ROUNDS, _GOALS, _WHY, keywords))
