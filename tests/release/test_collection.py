"""The collection's tarball holds what it must and nothing else, and installs without a network; SHA256SUMS names all that a release offers, and is right."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from binaries import BINARIES, Binary

FOLDER = "plugins/modules/__bin"
THIRD_PARTY = {"RUST-STANDARD-LIBRARY.html", "THIRD-PARTY.txt"}
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where ansible-galaxy puts it, in a folder that was empty."""
    folder = tmp_path_factory.mktemp("installed")
    command = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "install"]
    command += ["--offline", "--collections-path", str(folder), str(tarball)]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return folder / "ansible_collections/selfhosted/matrix"


def files(tarball: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(tarball) as tar:
        return {entry.name: entry for entry in tar if entry.isfile()}


def test_it_is_small(tarball: Path) -> None:
    assert tarball.stat().st_size < 20 * MEGABYTE


def test_it_holds_what_users_need(tarball: Path) -> None:
    names = {"MANIFEST.json", "README.md", "meta/runtime.yml"}
    names |= {f"plugins/{kind}/matrix_access_token.py" for kind in ("action", "modules")}
    assert names <= set(files(tarball))


def test_it_holds_only_what_git_knows_and_what_was_built(project: Path, tarball: Path) -> None:
    listed = subprocess.check_output(["git", "ls-files"], cwd=project / "ansible", text=True)
    built = {"FILES.json", "MANIFEST.json", *(f"LICENSES/{name}" for name in THIRD_PARTY)}
    built |= {f"{FOLDER}/linux_{each}/matrix_access_token" for each in BINARIES}
    assert set(files(tarball)) - set(listed.splitlines()) == built
    litter = ("__pycache__", "tests/output", "galaxy.yml", ".git")
    assert [name for name in files(tarball) if any(piece in name for piece in litter)] == []


def test_it_holds_every_licence(tarball: Path) -> None:
    ours = {"Apache-2.0.txt", "GPL-3.0-or-later.txt", "MIT.txt"}
    licences = {Path(name).name for name in files(tarball) if name.startswith("LICENSES/")}
    assert licences == ours | THIRD_PARTY


def test_it_tells_nothing_of_the_machine_that_made_it(tarball: Path) -> None:
    with tarfile.open(tarball) as tar:
        entries = tar.getmembers()
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {
        (0, 0, "", "")
    }
    assert len({entry.mtime for entry in entries}) == 1
    assert [entry.name for entry in entries] == sorted(entry.name for entry in entries)


def test_each_binary_is_installed_executable(binary: Binary, installed: Path) -> None:
    file = installed / FOLDER / f"linux_{binary}" / "matrix_access_token"
    assert file.stat().st_mode & 0o777 == 0o755
    assert file.read_bytes() == binary.file.read_bytes()


def test_no_binary_tells_where_it_was_built(project: Path, installed: Path) -> None:
    for binary in installed.glob(f"{FOLDER}/*/matrix_access_token"):
        content = binary.read_bytes()
        for place in (str(project), str(Path.home()), "/registry/src/", "/rustlib/src/"):
            assert place.encode() not in content, (binary, place)


def test_what_is_installed_is_what_the_manifest_lists(installed: Path, version: str) -> None:
    information = json.loads((installed / "MANIFEST.json").read_text(encoding="utf-8"))
    assert information["collection_info"]["version"] == version
    command = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "verify"]
    command += ["--offline", "--collections-path", str(installed.parents[2]), "selfhosted.matrix"]
    subprocess.run(command, check=True, capture_output=True)


def test_the_checksums_are_those_of_the_files(project: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=project / "dist", check=True)


def test_a_changed_file_is_noticed(project: Path, tmp_path: Path) -> None:
    for file in _listed(project):
        (tmp_path / file).write_bytes((project / "dist" / file).read_bytes())
    (tmp_path / "SHA256SUMS").write_bytes((project / "dist/SHA256SUMS").read_bytes())
    with (tmp_path / BINARIES[-1].file.name).open("ab") as binary:
        binary.write(b"\n")
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_every_binary_and_the_collection_are_listed(project: Path, tarball: Path) -> None:
    assert sorted(_listed(project)) == sorted(
        [*(each.file.name for each in BINARIES), tarball.name]
    )


def _listed(project: Path) -> list[str]:
    lines = (project / "dist/SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return [line.split(maxsplit=1)[1] for line in lines]
