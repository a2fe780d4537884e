"""Owns where things are in this repository, and the way to what the tests have already: a throwaway homeserver, an sshd."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "bench"
CACHE = ROOT / ".cache" / "bench"
_MACHINE = os.uname().machine
PLATFORM = f"linux_{'arm' if _MACHINE.startswith('arm') else _MACHINE}"
BINARIES = ROOT / "ansible/plugins/modules/__bin"
BINARY = BINARIES / PLATFORM / "matrix_access_token"
HOMESERVER = ROOT / "tests/homeserver"

sys.path += [str(ROOT / "tests" / folder) for folder in ("ansible_cores", "homeserver", "leaks")]
