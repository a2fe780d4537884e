"""Owns which binaries there are to try, and how each is run here: as it is, or by qemu's user emulation, called by name."""

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DIST = Path(__file__).resolve().parents[2] / "dist"
_SECONDS = 120


@dataclass(frozen=True)
class Binary:
    """One binary of a release, and the processor it is made for."""

    architecture: str
    machine: str  # as readelf calls it
    emulator: tuple[str, ...]
    uname: tuple[str, ...]

    def __str__(self) -> str:
        return self.architecture

    @property
    def file(self) -> Path:
        return _DIST / f"matrix_access_token-linux_{self.architecture}"

    @property
    def command(self) -> list[str]:
        emulator = () if platform.machine() in self.uname else self.emulator
        return [*emulator, str(self.file)]

    def run(self, options: dict[str, Any], secret: str) -> dict[str, Any]:
        """Runs one task; whatever comes of it, `secret` is not shown."""
        task = {"_ansible_no_log": True, "wait_timeout": 0, **options}
        ended = subprocess.run(
            [*self.command, "-"],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env={},
            check=False,
        )
        assert secret not in ended.stdout and ended.stderr == "", "it shows too much"
        result: dict[str, Any] = json.loads(ended.stdout)
        assert ended.returncode == int(result.get("failed", False))
        return result


_ALL = (
    Binary("x86_64", "Advanced Micro Devices X86-64", ("qemu-x86_64",), ("x86_64",)),
    Binary("aarch64", "AArch64", ("qemu-aarch64",), ("aarch64",)),
    # The processor of the first Raspberry Pi: the least that the binary must run on.
    Binary("arm", "ARM", ("qemu-arm", "-cpu", "arm1176"), ("armv6l", "armv7l", "armv8l")),
)

# Those that `tools/dist` made: all of a release, or the one for this machine.
_MADE = os.environ.get("ARCHITECTURES", "all").split()
BINARIES = tuple(binary for binary in _ALL if "all" in _MADE or binary.architecture in _MADE)
