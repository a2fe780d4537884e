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
    yield _session_file(stage)


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


def _session_file(stage: Stage) -> Row:
    """Each new session takes the place of the one before, and nothing is left beside it."""
    file = stage.make_folder("replaced") / "session.json"
    options = {"session_file": str(file), "device_id": "REPLACED", "force": True}
    program = module.program(stage, stage.real, "replace", options)
    sizes = []
    for _ in range(_REPLACED):
        program.run()
        sizes.append(sum(kept.stat().st_size for kept in file.parent.iterdir()))
    what = f"folder of session_file after {_REPLACED} sessions"
    return row.compared(what, row.bytes_, sizes[-1:], "after 1", sizes[:1], _NOTHING)
