"""Owns the course of a scan: everything is run in one world, looked at while it runs, and searched afterwards."""

from dataclasses import dataclass, field
from pathlib import Path

import ansible_playbook
import runs
from runs import Run
from search import Leak, in_text
from world import World

_VISIBLE = ("cmdline", "environ")


@dataclass(frozen=True)
class Process:
    """What any user of the machine, or a crash, would get to see of one."""

    pid: int
    command: str
    visible: bytes
    core_file_limit: str

    def runs_module_of(self, folder: Path) -> bool:
        """Whether it is the binary itself, and not the shell or ssh that started it."""
        program = self.command.split("\0")[0]
        return program.startswith(str(folder)) and program.endswith("matrix_access_token")


@dataclass
class Findings:
    """What is left to judge when all has been run. The world's files stay until the tests end."""

    world: World
    outputs: dict[str, str] = field(default_factory=dict)
    modules: list[Process] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)


def scan(world: World) -> Findings:
    """All that must not leak."""
    findings = _complete(world, runs.all_runs(world.core))
    for run in runs.all_held():
        _look_while_held(findings, run)
    findings.leaks += world.leaks()
    return findings


def scan_carelessness(world: World) -> Findings:
    """All that must be found."""
    findings = _complete(world, [runs.careless()])
    findings.leaks += world.leaks()
    return findings


def _complete(world: World, wanted: list[runs.Run]) -> Findings:
    findings = Findings(world)
    for run in wanted:
        findings.outputs[run.name] = ansible_playbook.complete(world, run)
    return findings


def _look_while_held(findings: Findings, run: Run) -> None:
    """At all processes and files, while the homeserver lets the module wait for its answer."""
    world = findings.world
    world.witnessed.hold()
    process = ansible_playbook.start(world, run)
    try:
        world.witnessed.wait_for_request()
        for other in running():
            findings.leaks += in_text(f"process {other.command!r}", other.visible, world.secrets)
            findings.modules += [other] if other.runs_module_of(world.root) else []
        findings.leaks += world.leaks()
    finally:
        world.witnessed.released.set()
        findings.outputs[run.name] = ansible_playbook.finish(world, run, process)


def running() -> list[Process]:
    """Every process that may be looked at."""
    processes = (_look(folder) for folder in Path("/proc").glob("[0-9]*"))
    return [process for process in processes if process]


def _look(folder: Path) -> Process | None:
    try:
        visible = b"\n".join((folder / name).read_bytes() for name in _VISIBLE)
        command = (folder / "cmdline").read_text(errors="replace")
        limits = (folder / "limits").read_text().splitlines()
    except OSError:  # it ended, or is another user's
        return None
    limit = next((line for line in limits if line.startswith("Max core file size")), "unknown")
    return Process(int(folder.name), command, visible, " ".join(limit.split()[4:6]))
