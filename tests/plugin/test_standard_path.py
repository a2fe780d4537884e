"""Where the binary can't or mustn't run in place, Ansible runs it in its own way."""

import shutil
from pathlib import Path

from ansible_cores import Core
from harness import Trial

_HERE = Path(__file__).resolve().parent


def test_a_local_connection_of_somebodys_own_is_used(core: Core, tmp_path: Path) -> None:
    trial = Trial(core, tmp_path)
    shutil.copytree(_HERE / "connection_plugins", tmp_path / "connection_plugins")
    trial.run()
    assert all(call["argv"][0].endswith("/args") for call in trial.calls)
