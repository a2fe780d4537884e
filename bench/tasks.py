"""A task in a playbook: the module in both ways that users have it, next to `ansible.builtin.uri` and a module that does nothing.

The homeserver's answers are repeated without it, so that its own time is in none of the figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench import row
from bench.ansible_run import AnsibleRun
from bench.peers import module, uri
from bench.row import Goal, Row
from bench.stage import Stage

EMPTY, DROP_IN, COLLECTION, URI = "empty", "drop-in", "collection", "uri"
NOOP, LARGE_NOOP = "no-op module", "no-op module of our size"


@dataclass(frozen=True)
class Connection:
    """How a task reaches its host, and what is wanted of which pair there."""

    rounds: int
    goals: dict[tuple[str, str], Goal]
    keywords: dict[str, Any] = field(default_factory=dict)


def rows(stage: Stage, run: AnsibleRun, connection: Connection) -> Iterator[Row]:
    seconds = _measure(stage, run, connection)
    empty = seconds[EMPTY]
    beyond = {name: _minus(values, empty) for name, values in seconds.items()}
    for ours in (DROP_IN, COLLECTION):
        for theirs in (NOOP, URI):
            goal = connection.goals.get((ours, theirs))
            what = f"{ours}, beyond an empty task"
            form = row.milliseconds
            yield row.compared(what, form, beyond[ours], theirs, beyond[theirs], goal)
            yield row.compared(f"{ours}, whole", form, seconds[ours], theirs, seconds[theirs])
        yield row.compared(what, form, beyond[ours], LARGE_NOOP, beyond[LARGE_NOOP])
    yield row.floor("floor: an empty task", row.milliseconds, empty)


def _measure(stage: Stage, run: AnsibleRun, connection: Connection) -> dict[str, list[float]]:
    """One playbook, with the tasks in another order in each round. The first round warms up."""
    kinds = _kinds(stage)
    names = list(kinds)
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


def _minus(values: list[float], floor: list[float]) -> list[float]:
    return [value - empty for value, empty in zip(values, floor, strict=True)]
