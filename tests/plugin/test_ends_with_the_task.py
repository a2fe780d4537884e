"""Whatever ends the task ends the binary."""

import os
import signal
import time
from pathlib import Path

import pytest

from ansible_cores import Core
from harness import Trial

_PATIENCE = 60


@pytest.fixture
def trial(core: Core, tmp_path: Path) -> Trial:
    return Trial(core, tmp_path)


def test_a_task_that_takes_too_long_leaves_no_binary_running(trial: Trial) -> None:
    printed = trial.run("once.yml", patience=3)
    assert "failed=1" in printed
    _wait_for_end(trial.calls[0]["pid"])
    assert Path(f"{trial.calls_file}.ended").exists(), "it was not asked to end"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_binary_running(trial: Trial, number: signal.Signals) -> None:
    with trial.start("once.yml", patience=600) as process:
        while not trial.calls_file.exists() or not trial.calls_file.read_text().endswith("\n"):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        os.killpg(process.pid, number)
        process.communicate()
    _wait_for_end(trial.calls[0]["pid"])


def _wait_for_end(pid: int) -> None:
    """It may still be ending."""
    last = time.monotonic() + _PATIENCE
    while _runs(pid):
        if time.monotonic() > last:
            os.kill(pid, signal.SIGKILL)
            pytest.fail("the binary is still running")
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
