"""Owns the certificates: a CA of the benchmark's own, and the bundle in which it stands beside the system's."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NAMES = ("-addext", "subjectAltName=DNS:hs.test,IP:127.0.0.1")
_NO_CA = ("-addext", "basicConstraints=critical,CA:FALSE")
_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


@dataclass(frozen=True)
class Certificates:
    """`CA` signed the server's. `bundle` is for clients that trust either the system's CA certificates or others, not both."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.pem"

    def server(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make(folder: Path) -> Certificates:
    certificates = Certificates(folder)
    signed = ("-CA", str(certificates.ca), "-CAkey", str(folder / "ca.key"))
    _request(folder, "ca", "-subj", "/CN=benchmark ca")
    _request(folder, "server", "-subj", "/CN=hs.test", *_NAMES, *_NO_CA, *signed)
    certificates.bundle.write_text(_system_store() + certificates.ca.read_text())
    return certificates


def _system_store() -> str:
    store = ssl.get_default_verify_paths().openssl_cafile
    places = (Path("/etc/ssl/certs/ca-certificates.crt"), Path(store))
    return next((place.read_text(encoding="utf-8") for place in places if place.exists()), "")


def _request(folder: Path, name: str, *arguments: str) -> None:
    command = ["openssl", "req", "-x509", *_EC, *arguments]
    command += ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
    subprocess.run(command, check=True, capture_output=True)
