"""Owns what the figures depend on beside the module: the machine, the versions, and whether anything else was going on."""

import os
import platform
import subprocess
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
    """Other programs make everything slower, and some things more than others."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < cores / 2:
        return ""
    return f"The machine was busy when it began (load {load:.1f}): the times are not to be trusted."


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = (line.partition(":")[2].strip() for line in file if line.startswith("model name"))
        return next(names, platform.machine())
