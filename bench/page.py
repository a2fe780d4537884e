"""Owns docs/performance.md's table and its picture: puts the table that `make bench` printed last in its place, and draws it."""

import re
from dataclasses import dataclass
from html import escape

from bench.stage import ROOT

TABLE = ROOT / ".cache/bench/table.md"
_PAGE, _PICTURE = ROOT / "docs/performance.md", ROOT / "docs/performance.svg"
_BEGIN, _END = "<!-- make bench-docs begins here -->\n", "<!-- and ends here -->\n"
_OURS = "matrix_access_token"
_WIDTH, _LABELS, _BAR, _LINE = 760, 230, 400, 22
_STYLE = """
text { font: 14px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .figure { fill: #57606a }
rect { fill: #8c959f } .ours { fill: #1f883d }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .figure { fill: #9198a1 } rect { fill: #6e7681 } .ours { fill: #3fb950 }
}"""


@dataclass(frozen=True)
class Panel:
    """`group` and `what` name rows of the table; each has one figure of ours and one of whom it is compared with."""

    title: str
    group: str
    what: str
    peers: tuple[str, ...]


_PANELS = (
    Panel(
        "A task that keeps a session",
        "Task on the control node",
        "collection",
        ("no-op module", "uri"),
    ),
    Panel("The same over ssh, 50 ms away", "Task over ssh", "collection", ("uri",)),
    Panel("CPU of a login over https", "Process", "login, https: CPU", ("curl", "matrix-nio")),
    Panel("Its memory at the peak", "Process", "login, https: memory", ("curl",)),
)
_NAMES = {"uri": "ansible.builtin.uri", "no-op module": "a module that does nothing"}


def main() -> None:
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    table, _, after = rest.partition(_END)
    if TABLE.exists():
        table = f"\n{TABLE.read_text(encoding='utf-8')}\n"
    _PAGE.write_text(f"{before}{_BEGIN}{table}{_END}{after}", encoding="utf-8")
    _PICTURE.write_text(picture(table), encoding="utf-8")


def picture(table: str) -> str:
    """Bars, each panel with a scale of its own."""
    parts, y = [], 0
    for panel in _PANELS:
        y += 2 * _LINE
        parts.append(_text(0, y, panel.title, "title"))
        bars = _bars(table, panel)
        longest = max(_number(figure) for _, figure in bars)
        for name, figure in bars:
            y += _LINE
            width = max(2, round(_BAR * _number(figure) / longest))
            kind = ' class="ours"' if name == _OURS else ""
            parts.append(_text(0, y, _NAMES.get(name, name)))
            parts.append(f'<rect{kind} x="{_LABELS}" y="{y - 12}" width="{width}" height="14"/>')
            parts.append(_text(_LABELS + width + 8, y, figure, "figure"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + _LINE}" role="img">'
    title = "<title>How much less it takes than curl, ansible.builtin.uri and matrix-nio</title>"
    return "\n".join([head, title, f"<style>{_STYLE}\n</style>", *parts, "</svg>\n"])


def _bars(table: str, panel: Panel) -> list[tuple[str, str]]:
    """Names and figures, ours first."""
    group = table.partition(f"**{panel.group}")[2].partition("\n| **")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in group.splitlines()[1:]]
    found = {row[2]: row for row in rows if row and row[0] == panel.what}
    ours = found[panel.peers[0]][1]
    return [(_OURS, ours), *((peer, found[peer][3]) for peer in panel.peers)]


def _number(figure: str) -> float:
    return float(re.sub(r"[^\d.]", "", figure))


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    return f'<text x="{x}" y="{y}"{f" class={kind!r}" if kind else ""}>{escape(text)}</text>'


if __name__ == "__main__":
    main()
