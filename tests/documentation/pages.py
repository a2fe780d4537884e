"""Owns the list of pages that users read, and what is in them: blocks, commands and links. Knows nothing of what they mean."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
COLLECTIONS = PROJECT / ".cache/collections"
MODULE = "selfhosted.matrix.matrix_access_token"
_PAGES = ("*.md", "docs/*.md", "ansible/*.md", "ansible/roles/*/README.md")
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block, or the examples that `ansible-doc` shows."""

    place: str
    language: str
    text: str

    def __str__(self) -> str:
        return self.place

    @property
    def needs_mas(self) -> bool:
        return self.place.startswith("docs/mas.md")


def pages() -> list[Path]:
    found = (path for pattern in _PAGES for path in PROJECT.glob(pattern))
    return sorted(path for path in found if not path.is_symlink())


def name(page: Path) -> str:
    return str(page.relative_to(PROJECT))


def blocks() -> list[Block]:
    found = [block for page in pages() for block in _blocks_of(page)]
    return [*found, Block("ansible-doc", "yaml", _examples())]


def _blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(f"{name(page)}:{line}", match[1].strip(), match[2])


def _examples() -> str:
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", MODULE]
    environment = {"PATH": "/usr/bin:/bin", "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    shown = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    return str(json.loads(shown)[MODULE]["examples"])


def has_stray_fence(page: Path) -> bool:
    """One that is indented, or never closed, and so would not be found."""
    return "```" in prose(page)


def prose(page: Path) -> str:
    """Without the blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def words_in_code(page: Path) -> list[str]:
    """What stands between single backquotes."""
    return [match[1] for match in _INLINE.finditer(prose(page))]


def links(page: Path) -> list[str]:
    return [match[1] for match in _LINK.finditer(prose(page))]


def anchors(page: Path) -> set[str]:
    """The names that headings get: as on GitHub."""
    headings = (match[1].lower() for match in _HEADING.finditer(prose(page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}
