"""Owns what the tests of a release look at: the folder dist/ with its version, and one real homeserver, with and without TLS."""

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from binaries import BINARIES, Binary
from running import Homeserver

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


@pytest.fixture(params=BINARIES, ids=str, scope="session")
def binary(request: pytest.FixtureRequest) -> Binary:
    chosen: Binary = request.param
    return chosen


@pytest.fixture(scope="session")
def homeserver() -> Iterator[Homeserver]:
    homeserver = Homeserver()
    yield homeserver
    homeserver.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signed by itself, for 127.0.0.1; its key lies beside it."""
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-days", "2", "-noenc", "-newkey", "ec"]
    command += ["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=reverse proxy"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    command += ["-keyout", "proxy.key", "-out", "proxy.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "proxy.pem"


@pytest.fixture(scope="session")
def https_url(homeserver: Homeserver, certificate: Path) -> str:
    return homeserver.behind_tls(certificate, certificate.with_name("proxy.key"))
