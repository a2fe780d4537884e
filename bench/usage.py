"""Owns what one run of a program took: wall clock, CPU of the whole process and memory, from the operating system's accounting."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import programs

_PATIENCE = 300


@dataclass(frozen=True)
class Usage:
    """Seconds by the monotonic clock, seconds of user and system time, bytes of memory at the peak."""

    wall: float
    cpu: float
    memory: int


@dataclass(frozen=True)
class Program:
    """A command line, and what is to be in its environment beside the benchmark's own."""

    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self) -> Usage:
        output = self._output(programs.measure(), *self.command)
        nanoseconds, microseconds, kibibytes, status = map(int, output.split())
        if status != 0:
            raise RuntimeError(f"{self.command[0]} ended with status {status}")
        return Usage(nanoseconds / 1e9, microseconds / 1e6, kibibytes * 1024)

    def output(self) -> str:
        """What it prints, unmeasured."""
        return self._output(*self.command)

    def _output(self, *command: str) -> str:
        """Never shows the command itself: a secret may be in it."""
        environment = quiet_environment() | self.environment
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, env=environment, stdout=pipe, stderr=pipe, text=True, process_group=0
        ) as run:
            try:
                output, errors = run.communicate(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                raise RuntimeError(f"{self.command[0]} did not end") from None
            except BaseException:
                os.killpg(run.pid, signal.SIGKILL)
                raise
        if run.returncode != 0:
            raise RuntimeError(f"{self.command[0]} failed: {errors[-2000:]}")
        return output


def quiet_environment() -> dict[str, str]:
    """Without the developer's proxies, and without settings that slow Python or Ansible down."""
    keep = ("PATH", "HOME", "TMPDIR")
    return {name: os.environ[name] for name in keep if name in os.environ} | {"LC_ALL": "C.UTF-8"}
