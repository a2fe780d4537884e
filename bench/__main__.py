"""Owns the run: sets the stage, goes through the groups, prints the one table and keeps it for docs/performance.md."""

import signal
import sys
import time
from collections.abc import Iterator
from typing import Protocol

from bench import machine, page, programs, stage, table
from bench.measures import (
    each_core,
    footprint,
    growth,
    growth_of_sessions,
    mas_cli,
    process,
    requests_sent,
    size,
)
from bench.measures.task_here import Delegated, Local
from bench.measures.task_over_ssh import Far, Near
from bench.row import Row
from bench.table import Group


class Measure(Protocol):
    """What each group of rows is."""

    TITLE: str

    def rows(self, stage: stage.Stage) -> Iterator[Row]: ...


_MEASURES: tuple[Measure, ...] = (
    process,
    mas_cli,
    footprint,
    Local(),
    Delegated(),
    Near(),
    Far(),
    each_core,
    size,
    growth,
    growth_of_sessions,
    requests_sent,
)


def main() -> None:
    # What was started ends with the benchmark, however that ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    warning = machine.warning()
    start = time.monotonic()
    programs.build()
    groups: list[Group] = []
    with stage.built() as built:
        for measure in _MEASURES:
            _tell(f"{time.monotonic() - start:4.0f} s  {measure.TITLE}")
            groups.append((measure.TITLE, list(measure.rows(built))))
    text = f"{table.render(groups)}\n{machine.description()}\n" + (
        f"{warning}\n" if warning else ""
    )
    page.TABLE.write_text(text, encoding="utf-8")
    _tell(f"{time.monotonic() - start:4.0f} s  done")
    print(f"\n{text}", end="")


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
