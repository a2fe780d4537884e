"""Owns the picture of `make demo` for the README: what a terminal shows of it, recorded as SVG.

It records a real run; nothing in it is made up, and it knows no more of the demo than the command.
"""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

_COLUMNS = 120
_COMMAND = "tools/demo"
_SHOWN_AS = "$ make demo"


def record(command: str) -> str:
    """All that the command prints to a terminal, colours included."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"ANSIBLE_FORCE_COLOR": "true", "COLUMNS": str(_COLUMNS - 1)}
    with subprocess.Popen([command], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    if process.returncode:
        sys.exit(f"{command} failed:\n{printed.decode(errors='replace')}")
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    """Nothing at the end, which a terminal reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def draw(printed: str) -> str:
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(width=_COLUMNS, record=True, file=nowhere, force_terminal=True)
        console.print(Text(_SHOWN_AS, style="bold"))
        console.print(Text.from_ansi(printed))
        picture = console.export_svg(title="matrix_access_token", unique_id="demo")
    # Nobody who looks at it shall fetch fonts from somewhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


def main() -> None:
    picture = draw(record(_COMMAND))
    lines = (line.rstrip() for line in picture.splitlines())
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
