"""Owns the life of one throwaway homeserver: a directory, a Synapse in it, and a description of both."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import configuration
import ports
import synapse_process
import template

_DESCRIPTION = "homeserver.json"
_TRIES = 3


@dataclass(frozen=True)
class Homeserver:
    """What a test has to know of a running homeserver."""

    homeserver_url: str
    server_name: str
    registration_shared_secret: str
    directory: str
    pid: int
    log: str


def start(
    directory: Path, overrides: dict[str, Any], default_limits: bool, dies_with_parent: bool
) -> Homeserver:
    """Starts a homeserver in `directory`, or finds the one that runs there."""
    running = find(directory)
    if running:
        return running
    stop(directory)
    directory.mkdir(mode=0o700, parents=True)
    template.copy_to(directory)
    for _ in range(_TRIES):
        port = ports.free()
        content = configuration.settings(directory, port, overrides, default_limits)
        configuration.write(directory, content)
        try:
            process = synapse_process.launch(directory, dies_with_parent)
        except synapse_process.StartFailed:
            if "Address already in use" in log(directory):
                continue
            raise
        homeserver = Homeserver(
            homeserver_url=f"http://127.0.0.1:{port}",
            server_name=content["server_name"],
            registration_shared_secret=content["registration_shared_secret"],
            directory=str(directory),
            pid=process.pid,
            log=str(directory / synapse_process.LOG),
        )
        _describe(homeserver)
        return homeserver
    raise synapse_process.StartFailed(f"no free port in {_TRIES} tries")


def stop(directory: Path) -> None:
    """Ends the homeserver of `directory`, if there is one, and removes all of it."""
    homeserver = read(directory)
    if homeserver:
        synapse_process.kill(homeserver.pid, directory)
    shutil.rmtree(directory, ignore_errors=True)


def find(directory: Path) -> Homeserver | None:
    """The homeserver of `directory` if it runs."""
    homeserver = read(directory)
    return homeserver if homeserver and synapse_process.runs_in(homeserver.pid, directory) else None


def read(directory: Path) -> Homeserver | None:
    """The homeserver of `directory` as it was described when it was started."""
    try:
        text = (directory / _DESCRIPTION).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return Homeserver(**json.loads(text))


def description(homeserver: Homeserver) -> str:
    return json.dumps(asdict(homeserver))


def _describe(homeserver: Homeserver) -> None:
    text = description(homeserver) + "\n"
    (Path(homeserver.directory) / _DESCRIPTION).write_text(text, encoding="utf-8")


def log(directory: Path) -> str:
    return (directory / synapse_process.LOG).read_text(encoding="utf-8", errors="replace")
