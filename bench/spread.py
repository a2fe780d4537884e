"""Owns the arithmetic: the median of many ratios, and the quartiles that say how far to trust it."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key")
T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """The median and the quartiles around it."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Pair by pair: what slows the machine down for a moment slows both."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def interleaved(rounds: int, runs: Mapping[Key, Callable[[], T]]) -> dict[Key, list[T]]:
    """Runs each in every round, each round beginning with another one; one round before that warms up."""
    names = list(runs)
    results: dict[Key, list[T]] = {name: [] for name in names}
    for round_number in range(-1, rounds):
        start = round_number % len(names)
        for name in names[start:] + names[:start]:
            result = runs[name]()
            if round_number >= 0:
                results[name].append(result)
    return results
