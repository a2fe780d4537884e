"""What happens to the cost when there are more accounts or more hosts, each with a session of its own at the real homeserver."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bench import row
from bench.ansible_run import LOCAL, AnsibleRun, Timing
from bench.row import Goal, Row
from bench.servers.homeserver import PASSWORD
from bench.spread import interleaved
from bench.stage import Stage, write_session
from bench.usage import Usage

TITLE = "Growth: accounts and hosts"
_ACCOUNTS, _HOSTS = (1, 10, 100), (1, 10, 50)
_ROUNDS, _FORKS = 3, 10
_LINEAR, _FLAT = Goal(1.2), Goal(1.1)

Account = dict[str, Any]
Play = Callable[[], tuple[list[Timing], Usage]]


def rows(stage: Stage) -> Iterator[Row]:
    folder = stage.make_folder("growth")
    accounts = [_account(stage, folder, f"user{number}") for number in range(max(_ACCOUNTS))]
    loops = {count: partial(_loop, folder, accounts[:count]) for count in _ACCOUNTS}
    yield from _rows_of("account in a loop", loops)
    hosts = {count: partial(_hosts, folder, accounts[:count]) for count in _HOSTS}
    yield from _rows_of(f"host, {_FORKS} forks", hosts)


def _account(stage: Stage, folder: Path, localpart: str) -> Account:
    """The options of its task; its session is in its file already."""
    stage.homeserver.register(localpart)
    session = stage.homeserver.log_in(localpart, "GROWTH")
    file = folder / f"{localpart}.json"
    write_session(file, stage.homeserver.url, session)
    return {
        "homeserver_url": stage.homeserver.url,
        "user_id": session["user_id"],
        "password": PASSWORD,
        "device_id": "GROWTH",
        "session_file": str(file),
    }


def _loop(folder: Path, accounts: list[Account]) -> tuple[list[Timing], Usage]:
    run = AnsibleRun(folder, {"here": LOCAL | {"accounts": accounts}})
    return run.play([_task("item") | {"loop": "{{ accounts }}"}])


def _hosts(folder: Path, accounts: list[Account]) -> tuple[list[Timing], Usage]:
    hosts = {f"host{number}": LOCAL | {"account": it} for number, it in enumerate(accounts)}
    run = AnsibleRun(folder, hosts, {"ANSIBLE_FORKS": str(_FORKS)})
    return run.play([_task("account")])


def _task(account: str) -> dict[str, Any]:
    options = ("homeserver_url", "user_id", "password", "device_id", "session_file")
    given = {option: f"{{{{ {account}.{option} }}}}" for option in options}
    return {"name": "keep", "no_log": True, "selfhosted.matrix.matrix_access_token": given}


def _rows_of(what: str, plays: Mapping[int, Play]) -> Iterator[Row]:
    one, ten, many = plays
    played = interleaved(_ROUNDS, plays)
    seconds = {count: [_end(timings) for timings, _ in played[count]] for count in plays}
    memory = {count: [usage.memory for _, usage in played[count]] for count in plays}
    later = _each(seconds[ten], seconds[many], many - ten)
    earlier = _each(seconds[one], seconds[ten], ten - one)
    further, before = f"each further {what}, from {ten} to {many}", f"from {one} to {ten}"
    yield row.compared(further, row.milliseconds, later, before, earlier, _LINEAR)
    peak = f"{many} × {what}: memory of Ansible at the peak"
    yield row.compared(peak, row.mebibytes, memory[many], f"with {one}", memory[one], _FLAT)


def _end(timings: list[Timing]) -> float:
    """When the last host had its result."""
    return max(timing.seconds for timing in timings)


def _each(few: list[float], many: list[float], further: int) -> list[float]:
    return [(after - before) / further for before, after in zip(few, many, strict=True)]
