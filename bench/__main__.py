"""Owns the run: goes through the groups, prints the one table and keeps it for `make bench-docs`."""

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench import page, process, table, task
from bench.stage import ROOT, Stage
from bench.table import Row

_SIZES = {"x86_64": 2.2e6, "aarch64": 2.0e6}
_GROUPS = {
    "Process": process.rows,
    "Task on the control node": task.local,
    "Task over ssh, pipelining, round trip of 50 ms": task.far,
}


def main() -> None:
    # What was started ends with the benchmark, however that ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    warning, start = _warning(), time.monotonic()
    groups: dict[str, list[Row]] = {}
    # Not in the repository: the socket of a kept ssh connection needs a short path.
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        stage = Stage(Path(folder))
        for title, rows in _GROUPS.items():
            print(f"{time.monotonic() - start:4.0f} s  {title}", file=sys.stderr, flush=True)
            groups[title] = list(rows(stage))
    groups["Size"] = list(_sizes())
    missed = sum(row.is_met is False for rows in groups.values() for row in rows)
    text = f"{table.render(groups)}\n{f'{missed} goals were missed.' if missed else 'All goals were met.'}"
    text += f" {_description()}\n{warning}"
    page.TABLE.parent.mkdir(parents=True, exist_ok=True)
    page.TABLE.write_text(text, encoding="utf-8")
    print(text, end="")


def _sizes() -> Iterator[Row]:
    """Of what is copied to the target; next to it curl with every library that is loaded for it."""
    program = shutil.which("curl") or ""
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    files = {program, *(word for word in linked.split() if word.startswith("/"))}
    curl = sum(Path(file).stat().st_size for file in files)
    for machine, goal in _SIZES.items():
        binary = ROOT / f"dist/matrix_access_token-linux_{machine}"
        size = binary.stat().st_size
        yield table.limited(f"binary, {machine}", table.megabytes, size, goal, "curl", curl)


def _description() -> str:
    """What the figures depend on beside the module."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = (line.partition(":")[2].strip() for line in cpu if line.startswith("model name"))
    curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
    parts = [f"{next(models, platform.machine())}, {os.cpu_count()} cores"]
    parts += [f"Linux {platform.release()}", f"Python {platform.python_version()}"]
    parts += [f"{package} {version(package)}" for package in ("ansible-core", "matrix-nio")]
    return f"Measured on {'; '.join(parts)}; {' '.join(curl.split()[:2])}."


def _warning() -> str:
    """Other programs make everything slower, and some things more than others."""
    one, (load, _, _) = os.cpu_count() or 1, os.getloadavg()
    if load < 0.2 * one:
        return ""
    return f"The load was {load:.1f} when it began: the times are not to be trusted.\n"


if __name__ == "__main__":
    main()
