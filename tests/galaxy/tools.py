"""Owns the commands that examine the collection, each from an environment of its own, with a home where it may write."""

import os
import shutil
import subprocess
from pathlib import Path

from ansible_cores import Core

PROJECT = Path(__file__).resolve().parents[2]
COLLECTIONS = PROJECT / ".cache/collections"
COLLECTION = COLLECTIONS / "ansible_collections/selfhosted/matrix"
_ENVIRONMENT = PROJECT / ".cache/galaxy"
_PATIENCE = 600


def build(folder: Path, *more_lines: str) -> Path:
    """The tarball, with more in galaxy.yml."""
    copy = folder / "collection"
    shutil.copytree(PROJECT / "ansible", copy)
    with (copy / "galaxy.yml").open("a") as file:
        file.writelines(f"{line}\n" for line in more_lines)
    run(_ENVIRONMENT, folder, "ansible-galaxy", "collection", "build", str(copy))
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


def import_into_galaxy(folder: Path, tarball: Path) -> "subprocess.CompletedProcess[str]":
    return run(_ENVIRONMENT, folder, "python", "-m", "galaxy_importer.main", str(tarball))


def lint_documentation(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", str(COLLECTION)]
    return run(_ENVIRONMENT, folder, *command)


def ansible_doc(core: Core, folder: Path, *words: str) -> str:
    return run(core.environment, folder, "ansible-doc", *words).stdout


def run(environment: Path, folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """All that it printed is in `stdout`."""
    return subprocess.run(
        command,
        cwd=folder,
        env={
            "PATH": f"{environment / 'bin'}:{os.defpath}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
