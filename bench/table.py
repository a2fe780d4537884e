"""Owns the one table: a row is two figures, their ratio with its spread, and whether the goal was met."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Format = Callable[[float], str]
_HEADINGS = ("what", "ours", "against", "theirs", "ratio (quartiles)", "goal", "")


@dataclass(frozen=True)
class Row:
    what: str
    ours: str
    against: str
    theirs: str
    ratio: str = ""
    goal: str = ""
    is_met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = {None: "", True: "met", False: "**missed**"}[self.is_met]
        return self.what, self.ours, self.against, self.theirs, self.ratio, self.goal, verdict


def compared(
    what: str,
    form: Format,
    ours: Sequence[float],
    against: str,
    theirs: Sequence[float],
    goal: float | None = None,
) -> Row:
    """Pair by pair, for what slows the machine down for a moment slows both; judged by the median of the pairs."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Row(
        what,
        form(statistics.median(ours)),
        against,
        form(statistics.median(theirs)),
        f"{median:.3g} ({low:.3g} to {high:.3g})",
        f"≤ {goal:.3g}" if goal else "",
        median <= goal if goal else None,
    )


def limited(
    what: str, form: Format, ours: float, goal: float, against: str = "", theirs: float = 0
) -> Row:
    """Judged by the figure itself."""
    other, ratio = (form(theirs), f"{ours / theirs:.2g}") if theirs else ("", "")
    return Row(what, form(ours), against, other, ratio, f"≤ {form(goal)}", ours <= goal)


def render(groups: Mapping[str, Iterable[Row]]) -> str:
    """As Markdown that a terminal shows well too."""
    lines: list[tuple[str, ...]] = [_HEADINGS, ("---",) * len(_HEADINGS)]
    for title, rows in groups.items():
        lines += [(f"**{title}**", *[""] * 6), *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "".join(_line(cells, widths) for cells in lines)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (
        cell.ljust(width, "-" if cell == "---" else " ") for cell, width in zip(cells, widths)
    )
    return f"| {' | '.join(padded)} |\n"


def interleaved(rounds: int, runs: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """Runs each in every round, each round beginning with another one; one round before that warms up."""
    names = list(runs)
    results: dict[str, list[T]] = {name: [] for name in names}
    for number in range(-1, rounds):
        for name in rotated(names, number):
            result = runs[name]()
            if number >= 0:
                results[name].append(result)
    return results


def rotated(names: list[str], start: int) -> list[str]:
    start %= len(names)
    return names[start:] + names[:start]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds * 1000:.0f} ms"


def mebibytes(size: float) -> str:
    return f"{size / 2**20:.1f} MiB"


def megabytes(size: float) -> str:
    return f"{size / 1e6:.2f} MB"
