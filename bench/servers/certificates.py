"""Owns the certificates: an authority of the benchmark's own, and the bundle in which it stands beside the system's."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NAMES = ("-addext", "subjectAltName=DNS:hs.test,IP:127.0.0.1")
_NO_AUTHORITY = ("-addext", "basicConstraints=critical,CA:FALSE")
_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


@dataclass(frozen=True)
class Certificates:
    """`authority` signed the server's. `bundle` is for clients that trust either the system's authorities or others, not both."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.pem"

    def server(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make(folder: Path) -> Certificates:
    certificates = Certificates(folder)
    signed = ("-CA", str(certificates.authority), "-CAkey", str(folder / "authority.key"))
    _request(folder, "authority", "-subj", "/CN=benchmark authority")
    _request(folder, "server", "-subj", "/CN=hs.test", *_NAMES, *_NO_AUTHORITY, *signed)
    certificates.bundle.write_text(_system_store() + certificates.authority.read_text())
    return certificates


def _system_store() -> str:
    store = ssl.get_default_verify_paths().openssl_cafile
    places = (Path("/etc/ssl/certs/ca-certificates.crt"), Path(store))
    return next((place.read_text(encoding="utf-8") for place in places if place.exists()), "")


def _request(folder: Path, name: str, *arguments: str) -> None:
    command = ["openssl", "req", "-x509", *_EC, *arguments]
    command += ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
    subprocess.run(command, check=True, capture_output=True)
