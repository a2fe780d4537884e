"""Owns the programs that the benchmark brings, built as the module is: a module that does nothing, the plainest client, and the meter."""

import os
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bench.places import CACHE, HERE, ROOT

_TARGETS = CACHE / "target"
_MANIFEST = HERE / "programs/Cargo.toml"


def build() -> None:
    """Static, for the same target and with the same profile as the module, so that only what they do differs."""
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--target", _target()]
    command += ["--manifest-path", str(_MANIFEST), "--target-dir", str(_TARGETS)]
    for setting in profile():
        command += ["--config", setting]
    subprocess.run(command, cwd=ROOT, env=os.environ | _flags(), check=True)


def noop() -> str:
    return _built("noop")


def ask() -> str:
    return _built("ask")


def measure() -> str:
    return _built("measure")


def _built(name: str) -> str:
    return str(_TARGETS / _target() / "release" / name)


def profile() -> Iterator[str]:
    """What the module's profile says of a whole program; what it says of single crates is for those that ours do without."""
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    for key, value in manifest["profile"]["release"].items():
        if not isinstance(value, dict):
            yield f"profile.release.{key}={_toml(value)}"


def _toml(value: str | int | bool) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _target() -> str:
    return f"{os.uname().machine}-unknown-linux-{'musl' if _has_musl() else 'gnu'}"


@cache
def _has_musl() -> bool:
    command = ["rustc", "--print", "sysroot"]
    sysroot = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return Path(sysroot, f"lib/rustlib/{os.uname().machine}-unknown-linux-musl/lib").is_dir()


def _flags() -> dict[str, str]:
    """Static also where Rust's standard library for musl is not to be had."""
    return {} if _has_musl() else {"RUSTFLAGS": "-C target-feature=+crt-static"}
