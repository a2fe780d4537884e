"""SHA256SUMS names everything that a release offers, and is right."""

import subprocess
from pathlib import Path

from binaries import BINARIES


def test_the_checksums_are_those_of_the_files(project: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=project / "dist", check=True)


def test_a_changed_file_is_noticed(project: Path, tmp_path: Path) -> None:
    for file in listed(project):
        (tmp_path / file).write_bytes((project / "dist" / file).read_bytes())
    (tmp_path / "SHA256SUMS").write_bytes((project / "dist/SHA256SUMS").read_bytes())
    with (tmp_path / BINARIES[-1].file.name).open("ab") as binary:
        binary.write(b"\n")
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_every_binary_and_the_collection_are_listed(project: Path, tarball: Path) -> None:
    assert sorted(listed(project)) == sorted([*(each.file.name for each in BINARIES), tarball.name])


def listed(project: Path) -> list[str]:
    lines = (project / "dist/SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return [line.split(maxsplit=1)[1] for line in lines]
