"""Owns the versions of ansible-core: which ones, on which Python, each in an environment of its own.

As a command it makes the environments in .cache/ansible-core/, and says which ones this machine has no Python for.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "ansible-core"
_PATIENCE = 900


@dataclass(frozen=True)
class Core:
    """One version of ansible-core, and the Pythons that it runs on."""

    version: str
    pythons: tuple[str, ...]

    def __str__(self) -> str:
        return self.version.rpartition(".")[0]

    @property
    def environment(self) -> Path:
        return _CACHE / self.version

    @property
    def is_made(self) -> bool:
        return (self.environment / ".installed").exists()

    @property
    def keeps_facts_out_of_the_cache(self) -> bool:
        return self.is_at_least(2, 21)

    def is_at_least(self, *version: int) -> bool:
        return tuple(map(int, self.version.split("."))) >= version

    @property
    def why_not(self) -> str:
        return (
            f"ansible-core {self} was not run here: there is no Python {' or '.join(self.pythons)}"
        )


CORES = (
    Core("2.16.19", ("3.11", "3.12")),
    Core("2.18.19", ("3.11", "3.12", "3.13")),
    Core("2.19.14", ("3.11", "3.12", "3.13")),
    Core("2.20.10", ("3.12", "3.13", "3.14")),
    Core("2.21.5", ("3.12", "3.13", "3.14")),
)


def find_python(versions: tuple[str, ...]) -> Path | None:
    """The first Python of these versions that can make an environment."""
    for version in versions:
        for folder in _folders():
            python = folder / f"python{version}"
            if python.exists() and _works(python, version):
                return python
    return None


def _folders() -> list[Path]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += [Path("/usr/bin"), Path("/usr/local/bin")]
    pyenv = shutil.which("pyenv")
    if pyenv:
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True).stdout
        folders += sorted(Path(root.strip()).glob("versions/*/bin"))
    return folders


def _works(python: Path, version: str) -> bool:
    """What is found may be a shim for a version that isn't installed, or lack the means for environments."""
    program = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == version


def make(core: Core) -> str:
    """Makes the environment of one version; says what was done, nothing if nothing was."""
    if core.is_made:
        return ""
    python = find_python(core.pythons)
    if not python:
        return core.why_not
    _run(python, "-m", "venv", "--clear", core.environment)
    pip = (core.environment / "bin/python", "-m", "pip", "--disable-pip-version-check")
    _run(*pip, "install", "--quiet", f"ansible-core=={core.version}")
    (core.environment / ".installed").touch()
    return f"installed ansible-core {core.version}, with {python}"


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, timeout=_PATIENCE)


def main() -> None:
    with ThreadPoolExecutor(2) as pool:
        for message in pool.map(make, CORES):
            if message:
                print(message, flush=True)
    if not any(core.is_made for core in CORES):
        sys.exit("there is no Python here that a version of ansible-core runs on")


if __name__ == "__main__":
    main()
