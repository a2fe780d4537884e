"""What the process takes while it runs: memory at its peak, and CPU until it sends its first byte."""

import socket
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from bench import first_byte, row
from bench.peers import curl, module
from bench.row import Goal, Row
from bench.spread import interleaved
from bench.stage import Stage, write_session
from bench.usage import Program

TITLE = "Footprint"
_ROUNDS, _PEAK_ROUNDS = 30, 8
_PEAK, _FIRST_BYTE = Goal(5 * 2**20), Goal(0.002)


def rows(stage: Stage) -> Iterator[Row]:
    for site in stage.replayed:
        requests = {
            "whoami": (module.keep(stage, site), curl.keep(stage, site)),
            "login": (module.log_in(stage, site), curl.log_in(stage, site)),
        }
        for request, (ours, theirs) in requests.items():
            what = f"{request}, {site.name}: memory at the peak"
            yield row.limited(what, row.mebibytes, _peak(ours), _PEAK, "curl", _peak(theirs))
    yield _first_byte(stage)


def _peak(program: Program) -> int:
    return max(program.run().memory for _ in range(_PEAK_ROUNDS))


def _first_byte(stage: Stage) -> Row:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        site = replace(stage.here, url=url, session_file=stage.folder / "first-byte.json")
        write_session(site.session_file, url, stage.session)
        answer = stage.recording.of_whoami()

        def cpu(program: Program) -> Callable[[], float]:
            return partial(first_byte.cpu_until_first_byte, program, listener, answer)

        runs = {"ours": cpu(module.keep(stage, site)), "curl": cpu(curl.keep(stage, site))}
        seconds = interleaved(_ROUNDS, runs)
    ours, theirs = (statistics.median(seconds[name]) for name in runs)
    what = "whoami, http: CPU until the first byte is sent"
    return row.limited(what, row.milliseconds, ours, _FIRST_BYTE, "curl", theirs)
