"""How many requests it takes, counted between the module and the real homeserver."""

from collections.abc import Iterator
from typing import Any

from bench import row
from bench.peers import module
from bench.row import Goal, Row
from bench.servers.connect_proxy import ConnectProxy
from bench.servers.loopback_server import LoopbackServer, Seen
from bench.servers.recording import Recording
from bench.stage import Site, Stage

TITLE = "Requests"


def rows(stage: Stage) -> Iterator[Row]:
    between = Recording(stage.homeserver.url)
    server = LoopbackServer(between.pass_on, stage.certificates.server())
    file = stage.make_folder("requests") / "session.json"
    site = Site("https", server.url, file, stage.certificates, is_real=True)

    def seen(name: str, options: dict[str, Any], environment: dict[str, str] | None = None) -> Seen:
        server.seen = Seen()
        program = module.program(
            stage, site, name, _OWN_SESSION | {"session_file": str(file)} | options
        )
        program.environment.update(environment or {})
        program.run()
        return server.seen

    yield from _counted("log in", seen("requests-login", {}), 2)
    yield from _counted("keep", seen("requests-keep", {}), 1)
    yield from _counted("revoke, and see that it is", seen("requests-revoke", _REVOKE), 2)
    discovered = seen("requests-discovery", {"homeserver_url": ""}, _named(server))
    yield from _counted("log in with discovery", discovered, 4)


# Revoking ends everything on the device.
_OWN_SESSION = {"device_id": "REQUESTS"}
_REVOKE = {"state": "absent", "password": ""}


def _counted(what: str, seen: Seen, at_most: int) -> Iterator[Row]:
    yield row.limited(f"{what}: requests", row.count, len(seen.requests), Goal(at_most))
    yield row.limited(f"{what}: connections, TLS handshakes", row.count, seen.connections, Goal(1))


def _named(server: LoopbackServer) -> dict[str, str]:
    """The homeserver's name leads to the server, on whatever port."""
    return {"https_proxy": ConnectProxy(server.port).url}
