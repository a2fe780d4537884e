"""Owns the runs of molecule: each scenario on each of some versions of ansible-core, a few at a time, each in a folder of its own.

What a run prints is shown if it fails.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ansible_cores import Core, selected, wanted

_PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE = 900
# A scenario waits for its homeserver, and for ssh, about a third of its time.
_AT_ONCE = (os.cpu_count() or 1) + 1
# For these one version of ansible-core is as good as another, or the leak scan and the plugin's tests have the same on each.
_ON_THE_NEWEST = ("binaries", "mas", "role", "task_features")
# Of other people's programs, which use a token; and what the leak scan does over ssh, as a user does it.
_AT_NIGHT = ("consumers", "over_ssh")
_interrupted = threading.Event()


@dataclass(frozen=True)
class Run:
    """One scenario on one version of ansible-core."""

    core: Core
    scenario: str

    def __str__(self) -> str:
        return f"{self.scenario} on ansible-core {self.core}"


@dataclass(frozen=True)
class Outcome:
    run: Run
    passed: bool
    seconds: float
    output: str


def names() -> list[str]:
    """All that there are: whoever adds a folder adds a scenario. The largest first, so that none is left alone at the end."""
    folders = [file.parent for file in _PROJECT.glob("molecule/*/molecule.yml")]
    return [folder.name for folder in sorted(folders, key=_size, reverse=True)]


def _size(folder: Path) -> int:
    return sum(len(file.read_bytes()) for file in folder.rglob("*.yml"))


def outcomes(runs: list[Run], at_once: int) -> Iterator[Outcome]:
    """As they come."""
    with ThreadPoolExecutor(at_once) as pool:
        started = [pool.submit(_outcome, run) for run in runs]
        try:
            for future in as_completed(started):
                yield future.result()
        except BaseException:
            _interrupted.set()
            pool.shutdown(cancel_futures=True)
            raise


def _outcome(run: Run) -> Outcome:
    start = time.monotonic()
    # A short name: the path of a socket in it may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="scenario-") as folder:
        # With a name of its own, for what a scenario makes elsewhere is called after it.
        environment = os.environ | _environment(run.core, f"{folder}/{run.scenario}-{run.core}")
        with Path(folder, "output").open("w+b") as output:
            ended = _molecule("test", run.scenario, environment, output)
            if ended is None:
                _molecule("destroy", run.scenario, environment, output)
            output.seek(0)
            text = output.read().decode(errors="replace")
    return Outcome(run, ended == 0, time.monotonic() - start, text)


def _molecule(
    command: str, scenario: str, environment: dict[str, str], output: BinaryIO
) -> int | None:
    """The status; nothing if it was cut off. What it started itself is left to `molecule destroy` then."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("molecule"), command, "-s", scenario],
        cwd=_PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    until = time.monotonic() + _PATIENCE
    while process.poll() is None:
        if time.monotonic() > until or (_interrupted.is_set() and command != "destroy"):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        time.sleep(0.1)
    return process.returncode


def _environment(core: Core, folder: str) -> dict[str, str]:
    return {
        # molecule is .venv's, the commands of Ansible that it runs are this version's.
        "PATH": f"{core.environment / 'bin'}:{os.environ['PATH']}",
        "ANSIBLE_CORE_VERSION": core.version,
        "TOOLS_PYTHON": sys.executable,
        "MOLECULE_EPHEMERAL_DIRECTORY": folder,
    }


def _show(outcome: Outcome, left: int) -> None:
    verdict = "passed" if outcome.passed else "FAILED"
    if not outcome.passed:
        print(f"\n{outcome.output}", flush=True)
    print(f"{verdict} {outcome.run} ({outcome.seconds:.0f} s), {left} to go", flush=True)


def _runs(scenarios: list[str] | None, cores: list[Core], is_night: bool) -> list[Run]:
    chosen = scenarios or [name for name in names() if is_night or name not in _AT_NIGHT]
    few = (*_ON_THE_NEWEST, *_AT_NIGHT)
    return [
        Run(core, name)
        for name in chosen
        for core in (cores if is_night or name not in few else cores[-1:])
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cores", nargs="+", help="2.19, oldest, default, newest, or all")
    parser.add_argument("--scenario", action="append", choices=names(), help="only this one")
    parser.add_argument("--at-once", type=int, default=_AT_ONCE)
    arguments = parser.parse_args()
    # Whatever was started ends with this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    cores = wanted(" ".join(arguments.cores))
    runs = _runs(arguments.scenario, cores, is_night="all" in arguments.cores)
    failed = []
    for number, outcome in enumerate(outcomes(runs, arguments.at_once), 1):
        _show(outcome, len(runs) - number)
        failed += [] if outcome.passed else [str(outcome.run)]
    for core in selected(arguments.cores):
        if not core.is_made:
            print(core.why_not)
    if failed:
        sys.exit("\n  ".join([f"{len(failed)} of {len(runs)} runs failed:", *failed]))
    print(f"{len(runs)} runs passed, on ansible-core {', '.join(map(str, cores))}")


if __name__ == "__main__":
    main()
