"""Owns the question how much CPU a client takes until the first byte of its request is sent.

The server answers only after it has seen the client asleep, waiting for the answer, and has read the kernel's account of it.
So the figure holds everything from the fork on, and the little that the client does between sending and falling asleep too.
"""

import os
import socket
import subprocess
import time
from pathlib import Path

from bench.usage import Program, quiet_environment

_PATIENCE = 30


def cpu_until_first_byte(program: Program, listener: socket.socket, answer: bytes) -> float:
    """Seconds of CPU; `program` is one that asks `listener` over plain HTTP."""
    environment = quiet_environment() | program.environment
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(program.command, env=environment, stdin=nowhere, stdout=nowhere) as run:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            _wait_until_asleep(run.pid)
            seconds = _cpu(run.pid)
            connection.recv(65536)
            connection.sendall(answer)
            run.wait(_PATIENCE)
    return seconds


def _wait_until_asleep(pid: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        states = {(task / "stat").read_text().rpartition(")")[2].split()[0] for task in _tasks(pid)}
        if states == {"S"}:
            return
    raise TimeoutError("the client did not wait for its answer")


def _cpu(pid: int) -> float:
    """By the scheduler's own clock: those of getrusage only share it out between user and system."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in _tasks(pid)) / 1e9


def _tasks(pid: int) -> list[Path]:
    folder = Path(f"/proc/{pid}/task")
    return [folder / name for name in os.listdir(folder)]
