"""The one execution over ssh leaves nothing behind, whatever happens, and shows no argument to the processes around it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import ports
import pytest

from ansible_cores import Core
from sshd import Sshd
from harness import Trial, over_ssh

_COLLECTION = Path(__file__).resolve().parents[2] / "ansible"
_PIPELINING = {"ANSIBLE_PIPELINING": "1"}
_ARGUMENTS = rb'{"password": "hunter2\\n\u0141 $HOME `id` %s \"quoted\""}'
_PATIENCE = 60
# Echoes its arguments, with what the processes around it show.
_BINARY = b"""#!/bin/sh
[ "$1" = --version ] && exit
cat
cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -q 'hunter[2]' && echo seen
[ -z "$WAIT" ] || { echo $$ >"$WAIT"; exec sleep 600; }
exit 3
"""


@pytest.fixture(scope="session")
def pipelined(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The plugin's own file, found as Ansible finds it."""
    root = tmp_path_factory.mktemp("collections")
    place = root / "ansible_collections/selfhosted/matrix"
    place.parent.mkdir(parents=True)
    place.symlink_to(_COLLECTION)
    sys.path.insert(0, str(root))
    return import_module("ansible_collections.selfhosted.matrix.plugins.plugin_utils.pipelined")


@pytest.fixture
def start(pipelined: Any, tmp_path: Path) -> Callable[..., "subprocess.Popen[bytes]"]:
    def start(
        shell: str = "sh", size: int = len(_BINARY), environment: str = "", **options: Any
    ) -> "subprocess.Popen[bytes]":
        script = pipelined.command_line(
            REMOTE_TMP=options.pop("remote_tmp", tmp_path / "tmp"),
            FOLDER="folder",
            SIZE=size,
            ENVIRONMENT=environment,
        )
        assert not set("'!\n") & set(script.replace(environment, ""))
        pipe = subprocess.PIPE
        command = [shell, "-c", script]
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, **options
        )

    return start


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_the_arguments_arrive_as_they_are_and_nobody_else_sees_them(
    start: Any, tmp_path: Path, shell: str
) -> None:
    careless = os.environ | {"a": "exported", "SHELLOPTS": "allexport:xtrace"}
    with start(shell, environment="b='c d'", env=careless) as process:
        output, errors = process.communicate(_ARGUMENTS + b"\n" + _BINARY)
    assert (process.returncode, output) == (3, _ARGUMENTS + b"\n")
    assert errors in (b"", b"+ set +ax\n")
    assert _is_empty(tmp_path / "tmp")


@pytest.mark.parametrize(
    "case", [{"size": 1}, {"size": len(_BINARY) + 1}, {"remote_tmp": "/dev/null/tmp"}]
)
def test_what_is_not_whole_is_not_started(
    start: Any, tmp_path: Path, pipelined: Any, case: dict[str, Any]
) -> None:
    with start(**case) as process:
        # more than a pipe holds: all of it is read, or ssh would take it for a broken connection
        output, _ = process.communicate(_ARGUMENTS + b"\n" + _BINARY + bytes(1 << 20))
    assert (process.returncode, output) == (pipelined.NOT_STARTED, b"")
    assert _is_empty(tmp_path / "tmp")


def test_what_does_not_run_is_not_started(start: Any, tmp_path: Path, pipelined: Any) -> None:
    binary = b"#!/nowhere/sh\n"
    with start(size=len(binary)) as process:
        output, _ = process.communicate(_ARGUMENTS + b"\n" + binary)
    assert (process.returncode, output) == (pipelined.NOT_STARTED, b"")
    assert _is_empty(tmp_path / "tmp")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(start: Any, tmp_path: Path, number: signal.Signals) -> None:
    running = tmp_path / "running"
    with start(environment=f"WAIT={running}") as process:
        process.stdin.write(_ARGUMENTS + b"\n" + _BINARY)
        process.stdin.close()
        _wait_until(lambda: _is_asleep(running))
        os.killpg(process.pid, number)
    assert _is_empty(tmp_path / "tmp")


def test_a_full_disk_is_left_to_the_standard_path(core: Core, sshd: Sshd, tmp_path: Path) -> None:
    shell = tmp_path / "sh"
    shell.write_text(
        '#!/bin/sh\ncase $* in *"read -r a"*) ulimit -f 1 ;; esac\nexec /bin/sh "$@"\n'
    )
    shell.chmod(0o755)
    host = over_ssh(sshd) | {"ansible_shell_executable": str(shell)}
    trial = Trial(core, tmp_path, host=host, settings=_PIPELINING)
    trial.run("once.yml")
    assert all(call["argv"][0].endswith("/args") for call in trial.calls)
    assert _is_empty(sshd.home / ".ansible/tmp")


def test_an_unreachable_host_says_why(core: Core, sshd: Sshd, tmp_path: Path) -> None:
    host = over_ssh(sshd) | {"ansible_port": ports.free()}
    printed = Trial(core, tmp_path, host=host, settings=_PIPELINING).run(
        "known.yml", known_system="Linux", known_architecture=os.uname().machine
    )
    assert "unreachable=1" in printed
    assert "Connection refused" in printed.split("UNREACHABLE!")[1]


def test_nothing_is_left_when_the_connection_dies(core: Core, sshd: Sshd, tmp_path: Path) -> None:
    trial = Trial(core, tmp_path, host=over_ssh(sshd), settings=_PIPELINING)
    with trial.start("once.yml", patience=600) as process:
        _wait_until(lambda: _count(trial) == 1)
        for session in _children(sshd.process.pid):
            os.kill(session, signal.SIGKILL)
        process.communicate()
    os.kill(trial.calls[0]["pid"], signal.SIGTERM)
    _wait_until(lambda: _is_empty(sshd.home / ".ansible/tmp"))


def test_a_command_that_ansible_repeats_runs_the_binary_once(
    core: Core, sshd: Sshd, tmp_path: Path
) -> None:
    host = over_ssh(sshd) | {"ansible_ssh_retries": 1}
    trial = Trial(core, tmp_path, host=host, settings=_PIPELINING)
    with trial.start("once.yml", patience=600) as process:
        _wait_until(lambda: _count(trial) == 1)
        for session in _children(sshd.process.pid):
            os.kill(session, signal.SIGKILL)
        _wait_until(lambda: process.poll() is not None or _count(trial) > 1)
        for call in trial.calls:
            _end(call["pid"])
        process.communicate()
    assert _count(trial) == 1


@pytest.mark.parametrize("name", ["fish", None])
def test_a_shell_that_may_read_it_differently_is_left_to_the_standard_path(
    core: Core, sshd: Sshd, tmp_path: Path, name: str | None
) -> None:
    shell = tmp_path / name if name else None
    if shell:
        shell.write_text('#!/bin/sh\nexec /bin/sh "$@"\n')
        shell.chmod(0o755)
    host = over_ssh(sshd) | {"ansible_shell_executable": shell and str(shell)}
    host["ansible_shell_type"] = "sh"
    trial = Trial(core, tmp_path, host=host, settings=_PIPELINING)
    trial.run("once.yml")
    assert [call["argv"][0].endswith("/args") for call in trial.calls] == [True]


def _count(trial: Trial) -> int:
    """How often the stand-in was called, so far."""
    return trial.calls_file.read_text().count("\n") if trial.calls_file.exists() else 0


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def _wait_until(happened: Callable[[], bool]) -> None:
    last = time.monotonic() + _PATIENCE
    while not happened():
        if time.monotonic() > last:
            pytest.fail("it did not happen")
        time.sleep(0.05)


def _is_asleep(running: Path) -> bool:
    """A shell that is about to start a program may lose a signal."""
    pid = running.exists() and running.read_text().strip()
    return bool(pid) and Path(f"/proc/{pid}/comm").read_text() == "sleep\n"


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
