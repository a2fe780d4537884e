"""Owns the proof that the benchmark's arithmetic and its verdicts are right, on figures that are given. Nothing is measured here."""

from bench import row, spread, table
from bench.row import Goal

HALF = Goal(0.5, "Because.")


def test_a_ratio_is_that_of_a_pair_and_the_median_of_the_pairs_counts() -> None:
    """The last pair was slowed down as a whole, which changes nothing."""
    result = row.compared("what", row.milliseconds, [1, 2, 30], "peer", [2, 4, 100], HALF)
    assert result.ratio == "0.500 (0.400 to 0.500)"
    assert result.is_met


def test_a_goal_is_missed_by_the_least_bit_more() -> None:
    result = row.compared("what", row.milliseconds, [0.501], "peer", [1], HALF)
    assert result.is_met is False


def test_a_limit_is_met_by_the_limit_itself_and_by_nothing_above() -> None:
    met, missed = (row.limited("what", row.count, size, Goal(4)) for size in (4, 5))
    assert (met.is_met, missed.is_met) == (True, False)


def test_without_a_goal_there_is_no_verdict() -> None:
    result = row.compared("what", row.milliseconds, [9], "peer", [1])
    assert (result.is_met, result.goal) == (None, "")


def test_the_table_lists_what_was_missed_and_why_and_nothing_else() -> None:
    missed = row.compared("slow", row.milliseconds, [9], "peer", [1], HALF)
    met = row.compared("fast", row.milliseconds, [1], "peer", [9], HALF)
    big = row.limited("big", row.count, 5, Goal(4), "peer", 6)
    text = table.render([("Group", [missed, met, big, row.floor("floor", row.count, [1])])])
    rows, _, below = text.partition("\n\n")
    assert ["slow" in rows, "fast" in rows, "floor" in rows] == [True] * 3
    assert below == (
        "2 of 3 goals were missed:\n\n"
        "- Group, slow: 9.00 (9.00 to 9.00) against peer, goal ≤ 0.5. Because.\n"
        "- Group, big: 5, goal ≤ 4.\n"
    )


def test_each_round_begins_with_another_one_and_the_first_only_warms_up() -> None:
    order: list[str] = []

    def run(name: str) -> int:
        order.append(name)
        return len(order)

    results = spread.interleaved(2, {"a": lambda: run("a"), "b": lambda: run("b")})
    assert order == ["b", "a", "a", "b", "b", "a"]
    assert results == {"a": [3, 6], "b": [4, 5]}
