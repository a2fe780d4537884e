"""The process alone: one run of the module by hand, against one run of what people use instead."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench import table
from bench.stage import BINARY, HERE, PASSWORD, SESSION, Site, Stage, write
from bench.table import Row

_ROUNDS, _ROUNDS_OF_NIO = 60, 7
# Reading the system's CA certificates is most of it, as with curl.
_CPU_GOALS = {"http": 0.2, "https": 0.25}
_MEMORY_GOAL = 5 * 2**20
_MAS_CLI_GOAL = 0.005
# None of the developer's proxies and settings.
ENVIRONMENT = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}


@dataclass(frozen=True)
class Usage:
    """Seconds by the clock, seconds of user and system time, bytes of memory at the peak."""

    wall: float
    cpu: float
    memory: int


def rows(stage: Stage) -> Iterator[Row]:
    for site in (stage.http, stage.https):
        for what in ("keep", "login"):
            ours, curl, nio = _ours(site, what), _curl(site, what), _nio(site, what)
            run = partial(_run, stage)
            runs = _interleaved(_ROUNDS, run, {"ours": ours, "curl": curl})
            yield from _compared(f"{what}, {site.name}", "curl", runs, _CPU_GOALS[site.name])
            peaks = (max(usage.memory for usage in runs[name]) for name in ("ours", "curl"))
            title, form = f"{what}, {site.name}: memory", table.mebibytes
            yield table.limited(title, form, next(peaks), _MEMORY_GOAL, "curl", next(peaks))
            runs = _interleaved(_ROUNDS_OF_NIO, run, {"ours": ours, "matrix-nio": nio})
            yield from _compared(f"{what}, {site.name}", "matrix-nio", runs)
    yield _mas_cli(stage)


def _mas_cli(stage: Stage) -> Row:
    """What a login takes beside the command that issues the token."""
    command = stage.folder / "mas-cli"
    command.touch(mode=0o700)
    token = SESSION["access_token"]
    command.write_text(f"#!/bin/sh\necho 'Compatibility token issued: {token} user.id=1' >&2\n")
    arguments = stage.http.arguments(password="", mas_cli=[str(command)], return_token="always")
    ours = [str(BINARY), str(write(stage.folder / "mas-args.json", arguments))]
    _check(ours, "login")
    run = partial(_run, stage)
    runs = _interleaved(_ROUNDS, run, {"ours": ours, "command": [str(command)]})
    pairs = zip(runs["ours"], runs["command"], strict=True)
    beside = statistics.median(ours.wall - theirs.wall for ours, theirs in pairs)
    title = "login by mas_cli: time beside the command's own"
    return table.limited(title, table.milliseconds, beside, _MAS_CLI_GOAL)


def _interleaved(
    rounds: int, run: Callable[[list[str]], Usage], commands: dict[str, list[str]]
) -> dict[str, list[Usage]]:
    runs = {name: partial(run, command) for name, command in commands.items()}
    return table.interleaved(rounds, runs)


def _compared(
    what: str, against: str, runs: dict[str, list[Usage]], goal: float | None = None
) -> Iterator[Row]:
    ours, theirs = runs["ours"], runs[against]
    times = [usage.wall for usage in ours], [usage.wall for usage in theirs]
    cpus = [usage.cpu for usage in ours], [usage.cpu for usage in theirs]
    form = table.milliseconds
    yield table.compared(f"{what}: time", form, times[0], against, times[1])
    yield table.compared(f"{what}: CPU", form, cpus[0], against, cpus[1], goal)


def _run(stage: Stage, command: list[str]) -> Usage:
    measured = _output([str(stage.measure), *command])
    nanoseconds, microseconds, kibibytes, status = map(int, measured.split())
    if status:
        raise RuntimeError(f"{command[0]} ended with status {status}")
    return Usage(nanoseconds / 1e9, microseconds / 1e6, kibibytes * 1024)


def _output(command: list[str]) -> str:
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def _ours(site: Site, what: str) -> list[str]:
    """A login keeps nothing, as the others don't."""
    options = {"session_file": site.session_file} if what == "keep" else {}
    arguments = site.arguments(return_token="always", **options)
    command = [str(BINARY), str(write(site.folder / f"{what}-{site.name}-args.json", arguments))]
    _check(command, what)
    return command


def _check(command: list[str], what: str) -> None:
    became = json.loads(_output(command))["session"]
    if became != {"keep": "kept", "login": "new"}[what]:
        raise RuntimeError(f"the session is {became}, and {what} was to be measured")


def _curl(site: Site, what: str) -> list[str]:
    """As the guides for bots tell people to use it."""
    command = ["curl", "--disable", "--silent", "--show-error", "--fail"]
    command += ["--cacert", str(site.trust)] if site.trust else []
    if what == "keep":
        header = f"Authorization: Bearer {SESSION['access_token']}"
        return [*command, "--header", header, f"{site.url}/_matrix/client/v3/account/whoami"]
    identifier = {"type": "m.id.user", "user": "bench"}
    body = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
    body["device_id"] = SESSION["device_id"]
    header = "Content-Type: application/json"
    url = f"{site.url}/_matrix/client/v3/login"
    return [*command, "--header", header, "--data", json.dumps(body), url]


def _nio(site: Site, what: str) -> list[str]:
    """The library that most bots in Python use."""
    secret = SESSION["access_token"] if what == "keep" else PASSWORD
    command = [sys.executable, str(HERE / "matrix_nio_script.py"), what, site.url]
    command += [SESSION["user_id"], SESSION["device_id"], secret]
    return [*command, str(site.trust)] if site.trust else command
