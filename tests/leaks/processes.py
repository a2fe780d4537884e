"""Owns the look at running processes: what any user of the machine, or a crash, would get to see of them."""

from dataclasses import dataclass
from pathlib import Path

_VISIBLE = ("cmdline", "environ")


@dataclass(frozen=True)
class Process:
    pid: int
    command: str
    visible: bytes
    core_file_limit: str

    def runs_module_of(self, folder: Path) -> bool:
        """Whether it is the binary itself, and not the shell or ssh that started it."""
        program = self.command.split("\0")[0]
        return program.startswith(str(folder)) and program.endswith("matrix_access_token")


def running() -> list[Process]:
    """Every process that may be looked at."""
    processes = (_look(folder) for folder in Path("/proc").glob("[0-9]*"))
    return [process for process in processes if process]


def _look(folder: Path) -> Process | None:
    try:
        visible = b"\n".join((folder / name).read_bytes() for name in _VISIBLE)
        command = (folder / "cmdline").read_text(errors="replace")
        limits = (folder / "limits").read_text().splitlines()
    except OSError:  # it ended, or is another user's
        return None
    limit = next((line for line in limits if line.startswith("Max core file size")), "unknown")
    return Process(int(folder.name), command, visible, " ".join(limit.split()[4:6]))
