"""Owns the two programs that the benchmark brings: the module that does nothing, and the meter. Both are built as the module is."""

import os
import subprocess
import tomllib
from collections.abc import Iterator

from bench.places import CACHE, HERE, ROOT

_TARGETS = CACHE / "target"
_MANIFEST = HERE / "programs/Cargo.toml"


def build() -> None:
    """Static, for the same target and with the same profile as the module, so that only what they do differs."""
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--target", _target()]
    command += ["--manifest-path", str(_MANIFEST), "--target-dir", str(_TARGETS)]
    for setting in _profile():
        command += ["--config", setting]
    subprocess.run(command, cwd=ROOT, env=os.environ | _flags(), check=True)


def noop() -> str:
    return _built("noop")


def measure() -> str:
    return _built("measure")


def _built(name: str) -> str:
    return str(_TARGETS / _target() / "release" / name)


def _profile() -> Iterator[str]:
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    for key, value in manifest["profile"]["release"].items():
        yield f"profile.release.{key}={_toml(value)}"


def _toml(value: str | int | bool) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _target() -> str:
    """As tools/build chooses it."""
    return f"{os.uname().machine}-unknown-linux-{'musl' if _has_musl() else 'gnu'}"


def _has_musl() -> bool:
    target = f"{os.uname().machine}-unknown-linux-musl"
    return subprocess.run([ROOT / "tools/has-rust-target", target], check=False).returncode == 0


def _flags() -> dict[str, str]:
    return {} if _has_musl() else {"RUSTFLAGS": "-C target-feature=+crt-static"}
