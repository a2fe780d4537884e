"""The binary for each architecture is what its name says, and needs nothing of the system that it runs on."""

import os
import subprocess

from binaries import Binary


def readelf(binary: Binary, option: str) -> str:
    command = ["readelf", "--wide", option, str(binary.file)]
    environment = os.environ | {"LC_ALL": "C"}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


def test_it_is_made_for_its_processor(binary: Binary) -> None:
    header = dict(line.strip().split(":", 1) for line in readelf(binary, "-h").splitlines()[1:])
    assert header["Machine"].strip() == binary.machine


def test_it_is_static(binary: Binary) -> None:
    assert "LOAD" in readelf(binary, "--segments")
    assert "INTERP" not in readelf(binary, "--segments")
    assert "NEEDED" not in readelf(binary, "--dynamic")


def test_it_knows_its_version(binary: Binary, version: str) -> None:
    shown = subprocess.run(
        [*binary.command, "--version"], check=True, capture_output=True, text=True
    ).stdout
    assert shown == f"matrix_access_token {version}\n"
