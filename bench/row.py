"""Owns a row of the table: two figures, their ratio with its spread, and whether the goal was met."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import spread

Format = Callable[[float], str]


@dataclass(frozen=True)
class Goal:
    """What the ratio may be at most, and what the reader has to know if it isn't."""

    at_most: float
    why: str = ""


@dataclass(frozen=True)
class Row:
    """Judged if there is a goal: `judged` is the figure, and `why` is for the reader of one that was missed."""

    what: str
    ours: str
    against: str
    theirs: str
    ratio: str = ""
    goal: str = ""
    is_met: bool | None = None
    judged: str = ""
    why: str = ""


def compared(
    what: str,
    form: Format,
    ours: Sequence[float],
    against: str,
    theirs: Sequence[float],
    goal: Goal | None = None,
) -> Row:
    """Judged by the median of the pairs."""
    ratio = spread.spread(spread.ratios(ours, theirs))
    shown = f"{_figure(ratio.median)} ({_figure(ratio.low)} to {_figure(ratio.high)})"
    return Row(
        what,
        form(statistics.median(ours)),
        against,
        form(statistics.median(theirs)),
        shown,
        f"≤ {goal.at_most:.3g}" if goal else "",
        ratio.median <= goal.at_most if goal else None,
        f"{shown} against {against}",
        goal.why if goal else "",
    )


def limited(
    what: str,
    form: Format,
    ours: float,
    goal: Goal,
    against: str = "",
    theirs: float | None = None,
) -> Row:
    """Judged by the figure itself."""
    compared_with = form(theirs) if theirs is not None else ""
    ratio = f"{ours / theirs:.2g}" if theirs else ""
    most, is_met = f"≤ {form(goal.at_most)}", ours <= goal.at_most
    shown = form(ours)
    return Row(what, shown, against, compared_with, ratio, most, is_met, shown, goal.why)


def floor(what: str, form: Format, values: Sequence[float]) -> Row:
    """For the reader to know what is in the other rows."""
    return Row(what, "", "", form(statistics.median(values)))


def _figure(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 1 else f"{ratio:.2g}" if ratio < 0.01 else f"{ratio:.3f}"


def milliseconds(seconds: float) -> str:
    number = seconds * 1000
    return f"{number:.2f} ms" if number < 10 else f"{number:.0f} ms"


def mebibytes(size: float) -> str:
    return f"{size / 2**20:.1f} MiB"


def megabytes(size: float) -> str:
    return f"{size / 1e6:.2f} MB"


def bytes_(size: float) -> str:
    return f"{size:.0f} bytes"


def count(number: float) -> str:
    return f"{number:.0f}"
