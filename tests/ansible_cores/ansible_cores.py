"""Owns the versions of ansible-core: which ones, on which Python, each in an environment of its own.

As a command it makes the environments that are asked for in .cache/ansible-core/, and says which ones this machine has no Python for.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
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
        return tuple(map(int, str(self).split("."))) >= version

    @property
    def is_released(self) -> bool:
        return "rc" not in self.version

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
    Core("2.22.0rc1", ("3.13", "3.14")),
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
    install = (Path(sys.executable).with_name("uv"), "pip", "install", "--quiet")
    _run(*install, "--python", core.environment / "bin/python", f"ansible-core=={core.version}")
    (core.environment / ".installed").touch()
    return f"installed ansible-core {core.version}, with {python}"


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, timeout=_PATIENCE)


def selected(words: list[str], cores: tuple[Core, ...] = CORES) -> list[Core]:
    """Those that the words mean, each once, the oldest first: numbers, or the oldest, the default, the newest, all."""
    chosen = [core for word in words for core in _meant(word, cores)]
    return [core for core in cores if core in chosen]


def wanted(words: str | None = None) -> list[Core]:
    """What `CORES` in the environment asks for, without those that this machine has no Python for."""
    given = (words or os.environ.get("CORES", "oldest newest")).split()
    return [core for core in selected(given) if core.is_made]


def _meant(word: str, cores: tuple[Core, ...]) -> list[Core]:
    released = [core for core in cores if core.is_released]
    names = {"all": cores, "oldest": released[:1], "newest": released[-1:]}
    if word in names:
        return list(names[word])
    number = version("ansible-core") if word == "default" else word  # the one of .venv
    found = [core for core in cores if number in (str(core), core.version)]
    if not found:
        sys.exit(f"there is no ansible-core {number} here")
    return found


def main() -> None:
    cores = selected(sys.argv[1:] or ["all"])
    with ThreadPoolExecutor(2) as pool:
        for message in pool.map(make, cores):
            if message:
                print(message, flush=True)
    if not any(core.is_made for core in cores):
        sys.exit("there is no Python here that these versions of ansible-core run on")


if __name__ == "__main__":
    main()
