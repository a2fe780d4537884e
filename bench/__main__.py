"""Owns the run: sets the stage, goes through the groups, prints the one table and keeps it for docs/performance.md."""

import sys
import time

from bench import programs, stage, table
from bench.measures import footprint, process
from bench.places import CACHE
from bench.table import Group

_GROUPS = (process, footprint)


def main() -> None:
    start = time.monotonic()
    programs.build()
    with stage.built() as built:
        groups: list[Group] = []
        for group in _GROUPS:
            _tell(f"{time.monotonic() - start:4.0f} s  {group.TITLE}")
            groups.append((group.TITLE, list(group.rows(built))))
    text = table.render(groups)
    print(text, end="")
    (CACHE / "table.md").write_text(text, encoding="utf-8")
    _tell(f"{time.monotonic() - start:4.0f} s  done")


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
