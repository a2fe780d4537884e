"""Owns where things are in this repository, and the way to what the tests have already: a throwaway homeserver, an sshd."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "bench"
CACHE = ROOT / ".cache" / "bench"
PLATFORM = f"linux_{os.uname().machine}"
BINARIES = ROOT / "ansible/plugins/modules/__bin"
BINARY = BINARIES / PLATFORM / "matrix_access_token"
HOMESERVER = ROOT / "tests/homeserver"

sys.path += [str(HOMESERVER), str(ROOT / "tests/leaks")]
