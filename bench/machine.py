"""Owns what the figures depend on beside the module: the machine, the versions, and whether anything else was going on."""

import os
import platform
import subprocess
import time
from importlib.metadata import version

_PACKAGES = ("ansible-core", "matrix-synapse", "matrix-nio")


def description() -> str:
    curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
    parts = [f"{_processor()}, {os.cpu_count()} cores", f"Linux {platform.release()}"]
    parts += [f"Python {platform.python_version()}"]
    parts += [f"{package} {version(package)}" for package in _PACKAGES]
    parts += [" ".join(curl.split()[:2])]
    return "Measured on " + "; ".join(parts) + "."


def warning() -> str:
    """Other programs make everything slower, and some things more than others. It takes a second to see."""
    before = _ticks()
    time.sleep(1)
    idle, total = (later - earlier for earlier, later in zip(before, _ticks()))
    if idle > 0.8 * total:
        return ""
    busy = 1 - idle / total
    return f"Other programs took {busy:.0%} of the processor when it began: the times are not to be trusted."


def _ticks() -> tuple[int, int]:
    """Of the processor: idle, and all there were."""
    with open("/proc/stat", encoding="utf-8") as file:
        ticks = [int(word) for word in file.readline().split()[1:]]
    return ticks[3] + ticks[4], sum(ticks)


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = (line.partition(":")[2].strip() for line in file if line.startswith("model name"))
        return next(names, platform.machine())
