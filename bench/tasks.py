"""A task in a playbook: the module in both ways that users have it, next to `ansible.builtin.uri` and a module that does nothing.

The homeserver's answers are repeated without it, so that its own time is in none of the figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bench import row
from bench.ansible_run import AnsibleRun
from bench.peers import module, uri
from bench.row import Goal, Row
from bench.stage import Stage

EMPTY, DROP_IN, COLLECTION, URI = "empty", "drop-in", "collection", "uri"
NOOP, LARGE_NOOP = "no-op module", "no-op module of our size"
_ALL = [EMPTY, NOOP, LARGE_NOOP, DROP_IN, COLLECTION, URI]


@dataclass(frozen=True)
class Connection:
    """How a task reaches its host, and what is wanted of which pair there."""

    rounds: int
    goals: dict[tuple[str, str], Goal]
    keywords: dict[str, Any] = field(default_factory=dict)


def rows(stage: Stage, run: AnsibleRun, connection: Connection) -> Iterator[Row]:
    seconds = _measure(stage, run, connection, _ALL)
    beyond = _beyond_an_empty_task(seconds)
    for ours in (DROP_IN, COLLECTION):
        for theirs in (NOOP, URI):
            goal = connection.goals.get((ours, theirs))
            what = f"{ours}, beyond an empty task"
            form = row.milliseconds
            yield row.compared(what, form, beyond[ours], theirs, beyond[theirs], goal)
            yield row.compared(f"{ours}, whole", form, seconds[ours], theirs, seconds[theirs])
        goal = connection.goals.get((ours, LARGE_NOOP))
        yield row.compared(what, form, beyond[ours], LARGE_NOOP, beyond[LARGE_NOOP], goal)
    what, form = "floor: no-op module, beyond an empty task", row.milliseconds
    yield row.compared(what, form, beyond[NOOP], URI, beyond[URI])
    yield row.floor("floor: an empty task", form, seconds[EMPTY])


def wanted(what: str, stage: Stage, run: AnsibleRun, connection: Connection) -> Iterator[Row]:
    """Nothing but what there are goals for."""
    names = list(dict.fromkeys([EMPTY, *chain.from_iterable(connection.goals)]))
    beyond = _beyond_an_empty_task(_measure(stage, run, connection, names))
    for (ours, theirs), goal in connection.goals.items():
        title = f"{what}: {ours}, beyond an empty task"
        yield row.compared(title, row.milliseconds, beyond[ours], theirs, beyond[theirs], goal)


def _measure(
    stage: Stage, run: AnsibleRun, connection: Connection, names: list[str]
) -> dict[str, list[float]]:
    """One playbook, with the tasks in another order in each round. The first round warms up."""
    kinds = _kinds(stage)
    tasks = [
        {"name": name, "no_log": True, **kinds[name], **connection.keywords}
        for start in range(connection.rounds + 1)
        for name in _rotated(names, start)
    ]
    timings, _ = run.play(tasks)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for timing in timings[len(names) :]:
        seconds[timing.task].append(timing.seconds)
    return seconds


def _kinds(stage: Stage) -> dict[str, dict[str, Any]]:
    options = module.arguments(stage.user_id, stage.here)
    del options["return_token"]  # the task is no_log, as the module asks for
    options["session_file"] = str(stage.here.session_file)
    return {
        EMPTY: {"nothing": {}},
        NOOP: {"noop": options},
        LARGE_NOOP: {"large_noop": options},
        DROP_IN: {"matrix_access_token": options},
        COLLECTION: {"selfhosted.matrix.matrix_access_token": options},
        URI: {"ansible.builtin.uri": uri.whoami(stage)},
    }


def _rotated(names: list[str], start: int) -> list[str]:
    start %= len(names)
    return names[start:] + names[:start]


def _beyond_an_empty_task(seconds: dict[str, list[float]]) -> dict[str, list[float]]:
    return {
        name: [value - empty for value, empty in zip(values, seconds[EMPTY], strict=True)]
        for name, values in seconds.items()
    }
