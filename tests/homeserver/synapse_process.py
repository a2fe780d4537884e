"""Owns the Synapse process: launches one until it is ready, and ends one for certain."""

import ctypes
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

CONFIGURATION = "homeserver.yaml"
LOG = "homeserver.log"

_MODULES = Path(__file__).resolve().parent / "modules"
_SECONDS_TO_START = 60
_PR_SET_PDEATHSIG = 1


class StartFailed(Exception):
    """Synapse ended, or did not become ready; why is in its log."""


def launch(directory: Path, dies_with_parent: bool) -> subprocess.Popen[bytes]:
    """Runs the Synapse configured in `directory`; returns as soon as it answers.

    It says so itself, as it would to systemd: nothing is polled, and nobody else's
    server on the same port can be mistaken for this one.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        address = f"matrix-homeserver-{os.getpid()}-{secrets.token_hex(8)}"
        ready.bind("\0" + address)
        process = _spawn(directory, dies_with_parent, "@" + address)
        try:
            _wait(process, ready)
        except BaseException:
            process.kill()
            process.wait()
            raise
    return process


def kill(pid: int, directory: Path) -> None:
    """Ends the Synapse of `directory`, and no other process that happens to have its number."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if runs_in(pid, directory):
            # There is nothing in it worth a graceful end.
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], 10)
            _reap(pid)
    finally:
        os.close(handle)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        pass  # started by an earlier command: not ours to wait for


def runs_in(pid: int, directory: Path) -> bool:
    """Whether `pid` is a Synapse that was launched for `directory`."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(directory / CONFIGURATION) in command


def _spawn(directory: Path, dies_with_parent: bool, notify: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "synapse.app.homeserver"]
    command += ["-c", str(directory / CONFIGURATION)]
    with (directory / LOG).open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=os.environ | {"NOTIFY_SOCKET": notify, "PYTHONPATH": str(_MODULES)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent if dies_with_parent else None,
        )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], ready: socket.socket) -> None:
    ended = os.pidfd_open(process.pid)
    try:
        readable, _, _ = select.select([ready.fileno(), ended], [], [], _SECONDS_TO_START)
    finally:
        os.close(ended)
    if ready.fileno() not in readable:
        raise StartFailed("ended while starting" if readable else "not ready in time")
