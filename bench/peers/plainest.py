"""The floor: a static program that sends the bytes of a request, and takes what comes back. No JSON, no file, no checks."""

from bench import programs
from bench.servers import homeserver
from bench.stage import Site, Stage
from bench.usage import Program


def keep(stage: Stage, site: Site) -> Program:
    request = homeserver.whoami_request(stage.access_token)
    file = stage.folder / "whoami-request"
    file.touch(mode=0o600)
    file.write_bytes(request)
    return Program([programs.ask(), f"127.0.0.1:{site.port}", str(file)])
