"""Owns what every measurement plays on: a folder, a real homeserver, the same homeserver's answers without it, and sessions."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.servers import certificates, recording
from bench.servers.certificates import Certificates
from bench.servers.homeserver import Homeserver, Session, login_request, succeeded, whoami_request
from bench.servers.loopback_server import LoopbackServer
from bench.servers.recording import Recording

USER, DEVICE_ID = "bench", "BENCH"


@dataclass(frozen=True)
class Site:
    """A place to send the requests to."""

    name: str
    url: str
    session_file: Path
    certificates: Certificates | None
    is_real: bool

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True)
class Stage:
    """All of it, for as long as the benchmark runs."""

    folder: Path
    certificates: Certificates
    homeserver: Homeserver
    recording: Recording
    sites: list[Site]
    session: Session

    @property
    def user_id(self) -> str:
        return self.session["user_id"]

    @property
    def access_token(self) -> str:
        return self.session["access_token"]

    @property
    def here(self) -> Site:
        """Answers at once, over plain HTTP."""
        return self.sites[0]

    @property
    def real(self) -> Site:
        """The homeserver itself, over plain HTTP."""
        return next(site for site in self.sites if site.is_real)

    @property
    def replayed(self) -> list[Site]:
        return [site for site in self.sites if not site.is_real]

    def make_folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700, parents=True)
        return folder


@contextmanager
def built() -> Iterator[Stage]:
    """Everything ends, and is removed, with the benchmark."""
    # Not in the repository: the socket of a kept ssh connection needs a short path.
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        certified = certificates.make(folder)
        homeserver = Homeserver(certified)
        try:
            yield _furnished(folder, certified, homeserver)
        finally:
            homeserver.stop()


def write_session(file: Path, url: str, session: Session) -> None:
    """As the module keeps it."""
    write_private(file, {"homeserver": url, **session})


def write_private(file: Path, content: object) -> None:
    file.touch(mode=0o600)
    file.write_text(json.dumps(content), encoding="utf-8")


def _furnished(folder: Path, certified: Certificates, homeserver: Homeserver) -> Stage:
    homeserver.register(USER)
    session = homeserver.log_in(USER, DEVICE_ID)
    recorded = _recorded(homeserver, session["access_token"])
    replay = LoopbackServer(recorded.repeat)
    replay_tls = LoopbackServer(recorded.repeat, certified.server())
    sites = [
        Site("http", replay.url, folder / "http.json", None, False),
        Site("https", replay_tls.url, folder / "https.json", certified, False),
        Site("http", homeserver.url, folder / "real-http.json", None, True),
        Site("https", homeserver.tls_url, folder / "real-https.json", certified, True),
    ]
    for site in sites:
        write_session(site.session_file, site.url, session)
    return Stage(folder, certified, homeserver, recorded, sites, session)


def _recorded(homeserver: Homeserver, access_token: str) -> Recording:
    """What Synapse says to the requests that are measured, to be said again without it."""
    recorded = Recording(homeserver.url)
    recorder = LoopbackServer(recorded.pass_on)
    requests = (
        whoami_request(access_token),
        login_request(USER, DEVICE_ID),
    )
    for request in requests:
        answer = recording.ask(recorder.port, request)
        if not succeeded(answer):
            raise RuntimeError(f"the homeserver did not answer as meant: {answer.first_line}")
    return recorded
