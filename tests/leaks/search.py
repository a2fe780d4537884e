"""Owns the search: every secret, in every shape, in every file of a folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from secret_texts import SecretText


@dataclass(frozen=True)
class Leak:
    """Where a secret was found, with what stands before it, so that one sees what let it out."""

    where: str
    secret: str
    shape: str
    before: str

    def __str__(self) -> str:
        return f"{self.where}: {self.secret} ({self.shape}) after {self.before!r}"


def summary(leaks: Iterable[Leak]) -> str:
    """One line for each secret in each place: a guard that fails lets dozens of tokens out."""
    first: dict[tuple[str, str], Leak] = {}
    for leak in leaks:
        first.setdefault((leak.where, leak.secret), leak)
    return "\n".join(map(str, first.values()))


@dataclass(frozen=True)
class State:
    """What tells whether a file has changed."""

    inode: int
    size: int
    written: int


def in_folder(
    folder: Path,
    secrets: Iterable[SecretText],
    allowed: Iterable[Path],
    searched: dict[Path, State] | None = None,
) -> list[Leak]:
    """All leaks in the files and names below `folder`, but for the files where secrets belong.

    What was `searched` before, and is the same since then, can't hold a secret that is newer, and is passed over.
    """
    secrets, allowed = list(secrets), set(allowed)
    searched = {} if searched is None else searched
    leaks: list[Leak] = []
    for path in sorted(folder.rglob("*")):
        try:
            status = path.lstat()
        except FileNotFoundError:  # it was for the moment only
            continue
        state = State(status.st_ino, status.st_size, status.st_mtime_ns)
        if path in allowed or searched.get(path) == state:
            continue
        searched[path] = state
        where = str(path.relative_to(folder))
        leaks += in_text(f"the name {where}", where.encode(), secrets)
        if path.is_file() and not path.is_symlink():
            leaks += in_text(where, path.read_bytes(), secrets)
    return leaks


def in_text(where: str, text: bytes, secrets: Iterable[SecretText]) -> Iterator[Leak]:
    # Ansible wraps long messages, even within words, and base64 comes in lines.
    unwrapped = text.translate(None, b"\r\n")
    for secret in secrets:
        for shape, needle in secret.shapes().items():
            found = unwrapped.find(needle)
            if found >= 0:
                before = unwrapped[max(0, found - 100) : found].decode(errors="replace")
                yield Leak(where, secret.name, shape, before)
