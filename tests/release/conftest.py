"""Owns what the tests of a release look at: the folder dist/, and the version that Cargo.toml gives."""

import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def version() -> str:
    cargo = tomllib.loads((PROJECT / "Cargo.toml").read_text(encoding="utf-8"))
    return str(cargo["package"]["version"])


@pytest.fixture(scope="session")
def tarball(version: str) -> Path:
    return PROJECT / "dist" / f"selfhosted-matrix-{version}.tar.gz"
