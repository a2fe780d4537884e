"""The process alone: one run of the module by hand against one run of what people use instead."""

from collections.abc import Callable, Iterator

from bench import row
from bench.peers import curl, matrix_nio, module, plainest
from bench.row import Goal, Row
from bench.servers import homeserver, recording
from bench.spread import interleaved
from bench.stage import DEVICE_ID, USER, Site, Stage
from bench.usage import Program, Usage

TITLE = "Process"
_ROUNDS, _ROUNDS_OF_NIO = 60, 7
_STORE = "Most of it goes into reading the system's trust store, as with curl."
_BECOMES = {"whoami": "kept", "login": "new"}
_MAKERS: dict[str, list[Callable[[Stage, Site], Program]]] = {
    "whoami": [module.keep, curl.keep, matrix_nio.keep],
    "login": [module.log_in, curl.log_in, matrix_nio.log_in],
}


def rows(stage: Stage) -> Iterator[Row]:
    for site in stage.sites:
        for request in _MAKERS:
            ours, with_curl, with_nio = (maker(stage, site) for maker in _MAKERS[request])
            module.prove(ours, _BECOMES[request])
            what = _title(site, request)
            yield from _against_curl(what, site, ours, with_curl)
            if not site.is_real:
                yield from _against_nio(what, ours, with_nio)
    yield from _against_the_plainest(stage)
    yield from _kept(stage)
    for is_real in (False, True):
        yield from _floors(stage, is_real)


def _title(site: Site, request: str) -> str:
    return f"{request}, {site.name}{', Synapse itself' if site.is_real else ''}"


def _against_curl(what: str, site: Site, ours: Program, curls: Program) -> Iterator[Row]:
    runs = interleaved(_ROUNDS, {"ours": ours.run, "curl": curls.run})
    yield _time(what, runs["ours"], "curl", runs["curl"])
    if not site.is_real:
        goal = Goal(0.25, _STORE) if site.certificates else Goal(0.2)
        yield _cpu(what, runs["ours"], "curl", runs["curl"], goal)


def _against_nio(what: str, ours: Program, script: Program) -> Iterator[Row]:
    runs = interleaved(_ROUNDS_OF_NIO, {"ours": ours.run, "nio": script.run})
    yield _time(what, runs["ours"], "matrix-nio", runs["nio"])
    yield _cpu(what, runs["ours"], "matrix-nio", runs["nio"])


def _time(
    what: str, ours: list[Usage], against: str, theirs: list[Usage], goal: Goal | None = None
) -> Row:
    mine, other = ([usage.wall for usage in usages] for usages in (ours, theirs))
    return row.compared(f"{what}: time", row.milliseconds, mine, against, other, goal)


def _cpu(
    what: str, ours: list[Usage], against: str, theirs: list[Usage], goal: Goal | None = None
) -> Row:
    mine, other = ([usage.cpu for usage in usages] for usages in (ours, theirs))
    return row.compared(f"{what}: CPU", row.milliseconds, mine, against, other, goal)


def _against_the_plainest(stage: Stage) -> Iterator[Row]:
    ours, other = module.keep(stage, stage.here), plainest.keep(stage, stage.here)
    runs = interleaved(_ROUNDS, {"ours": ours.run, "floor": other.run})
    yield _time("whoami, http", runs["ours"], "plainest client", runs["floor"])
    yield _cpu("whoami, http", runs["ours"], "plainest client", runs["floor"])


def _kept(stage: Stage) -> Iterator[Row]:
    """What the module does beyond curl: the session is on the disk, and would survive a power cut."""
    file = stage.folder / "kept.json"
    ours = module.program(stage, stage.here, "kept", {"session_file": str(file)})

    def from_nothing() -> Usage:
        file.unlink(missing_ok=True)
        return ours.run()

    runs = interleaved(_ROUNDS, {"ours": from_nothing, "curl": curl.log_in(stage, stage.here).run})
    yield _time("login into session_file, http", runs["ours"], "curl", runs["curl"])


def _floors(stage: Stage, is_real: bool) -> Iterator[Row]:
    port = stage.homeserver.port if is_real else stage.here.port
    requests = {
        "whoami": homeserver.whoami_request(stage.access_token),
        "login": homeserver.login_request(USER, DEVICE_ID),
    }
    server = "Synapse" if is_real else "the server that repeats its answers"
    for name, request in requests.items():
        times = [recording.timed(port, request) for _ in range(_ROUNDS)]
        yield row.floor(f"floor: {name}, {server} alone", row.milliseconds, times)
