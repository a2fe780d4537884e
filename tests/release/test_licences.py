"""THIRD-PARTY.txt has the licence of everything that the binaries are made of."""

import json
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def notices(project: Path) -> str:
    return (project / "ansible/LICENSES/THIRD-PARTY.txt").read_text(encoding="utf-8")


def test_every_crate_that_the_program_depends_on_is_named(project: Path, notices: str) -> None:
    command = ["cargo", "metadata", "--locked", "--format-version=1"]
    command += ["--filter-platform=aarch64-unknown-linux-musl"]
    metadata = json.loads(subprocess.check_output(command, cwd=project))
    # A crate without a source is our own.
    names = {each["id"]: each["name"] for each in metadata["packages"] if each["source"]}
    (root,) = (n for n in metadata["resolve"]["nodes"] if n["id"] == metadata["resolve"]["root"])
    direct = [
        names[dependency["pkg"]]
        for dependency in root["deps"]
        if dependency["pkg"] in names
        and any(kind["kind"] is None for kind in dependency["dep_kinds"])
    ]
    assert {"ring", "rustls"} <= set(direct)
    for name in direct:
        assert f"\n{name} v" in notices
        assert f"{name}/" in notices


def test_no_crate_that_only_builds_or_tests_is_named(notices: str) -> None:
    for name in ("cc", "proptest", "serde_derive", "syn", "windows-sys"):
        assert f"\n{name} v" not in notices


@pytest.mark.parametrize(
    "text",
    [
        "Copyright 2015-2025 Brian Smith.",  # ring
        "Copyright 2015-2020 the fiat-crypto authors",  # in ring
        "ring/LICENSE-BoringSSL\n",
        "musl as a whole is licensed under the following standard MIT license",
    ],
)
def test_texts_are_whole(notices: str, text: str) -> None:
    assert text in notices
