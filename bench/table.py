"""Owns the one table that the benchmark prints, as Markdown that a terminal shows well too, and what is said below it."""

from bench.row import Row

_HEADINGS = ("what", "ours", "against", "theirs", "ratio (quartiles)", "goal", "")
_VERDICTS = {None: "", True: "met", False: "**missed**"}

Group = tuple[str, list[Row]]


def render(groups: list[Group]) -> str:
    lines: list[tuple[str, ...]] = [_HEADINGS, ("---",) * len(_HEADINGS)]
    for title, rows in groups:
        lines.append((f"**{title}**", *[""] * (len(_HEADINGS) - 1)))
        lines += [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(_line(cells, widths) for cells in lines) + "\n\n" + _missed(groups)


def _cells(row: Row) -> tuple[str, ...]:
    verdict = _VERDICTS[row.is_met]
    return (row.what, row.ours, row.against, row.theirs, row.ratio, row.goal, verdict)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (
        cell.ljust(width, "-" if cell == "---" else " ") for cell, width in zip(cells, widths)
    )
    return f"| {' | '.join(padded)} |"


def _missed(groups: list[Group]) -> str:
    missed = [(title, row) for title, rows in groups for row in rows if row.is_met is False]
    judged = sum(row.is_met is not None for _, rows in groups for row in rows)
    if not missed:
        return f"All {judged} goals were met.\n"
    lines = [f"{len(missed)} of {judged} goals were missed:", ""]
    lines += [_reason(title, row) for title, row in missed]
    return "\n".join(lines) + "\n"


def _reason(title: str, row: Row) -> str:
    return f"- {title}, {row.what}: {row.judged}, goal {row.goal}. {row.why}".rstrip()
