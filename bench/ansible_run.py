"""Owns a run of ansible-playbook: a folder with the playbook and the inventory, nothing of the developer's own, and what each task took."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import programs
from bench.places import BINARY, HERE, ROOT
from bench.stage import write_private
from bench.usage import Program, Usage

INTERPRETER: dict[str, Any] = {"ansible_python_interpreter": sys.executable}
LOCAL: dict[str, Any] = {"ansible_connection": "local", **INTERPRETER}


@dataclass(frozen=True)
class Timing:
    """One host's result of one task; `seconds` since the task began."""

    task: str
    seconds: float
    outcome: str


@dataclass(frozen=True)
class AnsibleRun:
    """`hosts` are the inventory: names, and the variables of each."""

    folder: Path
    hosts: dict[str, dict[str, Any]]
    settings: dict[str, str] = field(default_factory=dict)
    pattern: str = "all"
    ansible_playbook: str = "ansible-playbook"

    def play(self, tasks: Sequence[dict[str, Any]]) -> tuple[list[Timing], Usage]:
        """Runs the tasks on each host of `pattern`; every one must succeed and change nothing."""
        play = {"hosts": self.pattern, "gather_facts": False, "tasks": list(tasks)}
        write_private(self.folder / "playbook.yml", [play])
        write_private(self.folder / "hosts.json", {"all": {"hosts": self.hosts}})
        arguments = ["--inventory", str(self.folder / "hosts.json")]
        command = [self.ansible_playbook, *arguments, str(self.folder / "playbook.yml")]
        usage = Program(command, self._environment()).run()
        return self._timings(), usage

    def _timings(self) -> list[Timing]:
        lines = (self.folder / "timings.jsonl").read_text(encoding="utf-8").splitlines()
        timings = [Timing(**json.loads(line)) for line in lines]
        for timing in timings:
            if timing.outcome != "ok":
                raise RuntimeError(f"the task {timing.task} ended with {timing.outcome}")
        return timings

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(_collections(self.folder)),
            "ANSIBLE_LIBRARY": str(_library(self.folder)),
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "ansible/action_plugins"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "ansible/callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "stopwatch",
            "STOPWATCH_FILE": str(self.folder / "timings.jsonl"),
            **self.settings,
        }


def _collections(folder: Path) -> Path:
    """The collection as it is in this repository, found as if it had been installed."""
    place = folder / "collections/ansible_collections/selfhosted/matrix"
    if not place.is_symlink():
        place.parent.mkdir(parents=True)
        place.symlink_to(ROOT / "ansible")
    return folder / "collections"


def _library(folder: Path) -> Path:
    """The drop-in beside the playbook, and two modules that do nothing: one small, one as large as the drop-in."""
    library = folder / "library"
    library.mkdir(exist_ok=True)
    module, noop = BINARY.read_bytes(), Path(programs.noop()).read_bytes()
    files = {"matrix_access_token": module, "noop": noop, "large_noop": noop + module[len(noop) :]}
    for name, content in files.items():
        (library / name).write_bytes(content)
    return library
