"""What happens to the cost when a user has more devices, and when a session file has lived longer: nothing."""

from collections.abc import Iterator
from dataclasses import replace

from bench import row
from bench.peers import module
from bench.row import Goal, Row
from bench.spread import interleaved
from bench.stage import DEVICE_ID, Stage, write_session
from bench.usage import Program

TITLE = "Growth: devices and sessions"
_DEVICES, _REPLACED, _ROUNDS = 200, 20, 30
_FLAT, _NOTHING = Goal(1.1), Goal(1.0)


def rows(stage: Stage) -> Iterator[Row]:
    few, many = (_programs(stage, localpart, count) for localpart, count in _USERS.items())
    for what in few:
        runs = interleaved(_ROUNDS, {"few": few[what].run, "many": many[what].run})
        mine, other = ([usage.cpu for usage in runs[name]] for name in ("many", "few"))
        title = f"{what}, {_DEVICES} devices: CPU"
        yield row.compared(title, row.milliseconds, mine, "1 device", other, _FLAT)
    yield from _session_file(stage)


_USERS = {"few": 1, "many": _DEVICES}


def _programs(stage: Stage, localpart: str, devices: int) -> dict[str, Program]:
    """What the module does for a user with that many devices."""
    stage.homeserver.register(localpart)
    for number in range(1, devices):
        stage.homeserver.log_in(localpart, f"DEVICE{number}")
    session = stage.homeserver.log_in(localpart, DEVICE_ID)
    file = stage.make_folder(f"devices-{localpart}") / "session.json"
    site = replace(stage.real, session_file=file)
    write_session(file, site.url, session)
    user = {"user_id": session["user_id"]}
    kept = user | {"session_file": str(file)}
    return {
        "whoami": module.program(stage, site, f"{localpart}-keep", kept),
        "login": module.program(stage, site, f"{localpart}-login", user),
        "whoami and require_clean_device": module.program(
            stage, site, f"{localpart}-clean", kept | {"require_clean_device": True}
        ),
    }


def _session_file(stage: Stage) -> Iterator[Row]:
    """Each new session takes the place of the one before, and nothing is left beside it."""
    (young, small), (old, large) = (_replaced(stage, times) for times in (1, _REPLACED))
    runs = interleaved(_ROUNDS, {"young": young.run, "old": old.run})
    mine, other = ([usage.cpu for usage in runs[name]] for name in ("old", "young"))
    after = f"after {_REPLACED} sessions"
    yield row.compared(f"whoami {after}: CPU", row.milliseconds, mine, "after 1", other, _FLAT)
    what = f"folder of session_file {after}"
    yield row.compared(what, row.bytes_, [large], "after 1", [small], _NOTHING)


def _replaced(stage: Stage, times: int) -> tuple[Program, int]:
    """A session that has been replaced so often: what keeps it, and the size of all that it has left."""
    folder = stage.make_folder(f"replaced-{times}")
    options = {"session_file": str(folder / "session.json"), "device_id": f"REPLACED{times:03}"}
    name = folder.name
    replace_it = module.program(stage, stage.real, name, options | {"force": True})
    for _ in range(times):
        replace_it.run()
    keep = module.program(stage, stage.real, f"{name}-keep", options)
    module.prove(keep, "kept")
    return keep, sum(file.stat().st_size for file in folder.iterdir())
