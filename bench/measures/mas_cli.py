"""A login by `mas_cli`: what it takes beside the command's own time."""

import statistics
from collections.abc import Iterator

from bench import row
from bench.peers import module
from bench.row import Goal, Row
from bench.spread import interleaved
from bench.stage import Stage
from bench.usage import Program

TITLE = "Login by mas_cli"
_ROUNDS = 60


def rows(stage: Stage) -> Iterator[Row]:
    command = stage.folder / "mas-cli"
    command.touch(mode=0o700)
    command.write_text(
        f"#!/bin/sh\necho 'Compatibility token issued: {stage.access_token} user.id=1' >&2\n"
    )
    ours = module.program(stage, stage.here, "mas_cli", {"password": "", "mas_cli": [str(command)]})
    module.prove(ours, "new")
    runs = interleaved(_ROUNDS, {"ours": ours.run, "command": Program([str(command)]).run})
    pairs = zip(runs["ours"], runs["command"], strict=True)
    beside = statistics.median(ours.wall - its.wall for ours, its in pairs)
    yield row.limited("time beside the command's own", row.milliseconds, beside, Goal(0.005))
