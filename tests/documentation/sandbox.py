"""Owns the folder that a block is run in, and what a program in it sees: example.com, our tools, nothing of the developer's."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from example_com import ExampleCom
from pages import COLLECTIONS, PROJECT

_PATIENCE = 300
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The other tests are made of what these would do: it is enough that there is such a thing to do.
_STAND_INS = {
    "make": f'exec make --dry-run --directory "{PROJECT}" "$@"',
    "cargo": '[ "$1 $2" = "test --test" ] && ls "tests/$3.rs" "tests/$3/main.rs" | grep .',
}
# What runs a command in a container: here it is mas-cli, outside of any.
_CONTAINER_TOOLS = ("docker", "podman", "kubectl")
_RUN_MAS_CLI = 'while [ "$1" != mas-cli ]; do shift; done; shift; exec "{}" "$@"'


@dataclass(frozen=True)
class Sandbox:
    """A folder with the project's files in it, under their names, and room for what a block makes."""

    root: Path
    example_com: ExampleCom

    @classmethod
    def made(cls, root: Path, example_com: ExampleCom) -> "Sandbox":
        for entry in PROJECT.iterdir():
            if not entry.name.startswith("."):
                (root / entry.name).symlink_to(entry)
        (root / "bin").mkdir()
        for name, text in _STAND_INS.items():
            _write_program(root / "bin" / name, text)
        if example_com.mas:
            for name in _CONTAINER_TOOLS:
                text = _RUN_MAS_CLI.format(example_com.mas["mas_cli"])
                _write_program(root / "bin" / name, text)
        return cls(root, example_com)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs it; all that it printed is in `stdout`."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=self._environment | self.example_com.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )

    @property
    def _environment(self) -> dict[str, str]:
        tools = [self.root / "bin", PROJECT / "dist", Path(sys.executable).parent]
        return {
            "PATH": ":".join([*map(str, tools), _SYSTEM_PATH]),
            "HOME": str(self.root),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(self.root / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": f"{self.root / 'collections'}:{COLLECTIONS}",
        }

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


def _write_program(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\nPATH={_SYSTEM_PATH}\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
