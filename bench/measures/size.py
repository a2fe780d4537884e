"""What is copied to each host on each run of a task."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench import row
from bench.ansible_run import LOCAL, AnsibleRun
from bench.peers import uri
from bench.places import BINARIES
from bench.row import Goal, Row
from bench.stage import Stage

TITLE = "Size"
_GOALS = {"x86_64": Goal(2.2e6), "aarch64": Goal(2.0e6)}


def rows(stage: Stage) -> Iterator[Row]:
    for machine, goal in _GOALS.items():
        binary = BINARIES / f"linux_{machine}" / "matrix_access_token"
        what = f"binary for {machine}"
        if binary.exists():
            size = binary.stat().st_size
            yield row.limited(what, row.megabytes, size, goal, "curl and its libraries", _curl())
        else:
            yield Row(what, "not built here", "", "", goal=f"≤ {row.megabytes(goal.at_most)}")
    yield row.floor("for comparison: what Ansible makes of uri", row.megabytes, [_uri(stage)])


def _curl() -> int:
    """The program and every library that the dynamic linker loads for it."""
    program = shutil.which("curl")
    assert program
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = {word for word in linked.split() if word.startswith("/")}
    return sum(Path(file).stat().st_size for file in {program, *libraries})


def _uri(stage: Stage) -> int:
    """Ansible packs a Python module with all that it imports, for each task anew; here it leaves that behind."""
    folder = stage.make_folder("size")
    host = LOCAL | {"ansible_remote_tmp": str(folder / "remote")}
    run = AnsibleRun(folder, {"here": host}, {"ANSIBLE_KEEP_REMOTE_FILES": "1"})
    run.play([{"name": "uri", "no_log": True, "ansible.builtin.uri": uri.whoami(stage)}])
    return next(folder.glob("remote/*/AnsiballZ_uri.py")).stat().st_size
