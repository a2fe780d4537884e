"""Owns the template: a database with its schema and a signing key, made once per Synapse version.

A copy of them makes the start of a homeserver twice as fast.
"""

import fcntl
import os
import shutil
import signal
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import configuration
import ports
import synapse_process

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "homeserver"
_FILES = ["homeserver.db", "signing.key"]


def copy_to(directory: Path) -> None:
    template = _CACHE / f"synapse-{version('matrix-synapse')}"
    if not template.exists():
        _make_once(template)
    for name in _FILES:
        shutil.copyfile(template / name, directory / name)


def _make_once(template: Path) -> None:
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _make(template)


def _make(template: Path) -> None:
    print("making the homeserver's template, once", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=_CACHE) as name:
        directory = Path(name)
        (directory / "signing.key").write_text(_signing_key(), encoding="utf-8")
        configuration.write(directory, configuration.settings(directory, ports.free(), {}))
        process = synapse_process.launch(directory, dies_with_parent=True)
        # Gracefully, so that the database is complete.
        process.send_signal(signal.SIGTERM)
        process.wait()
        finished = directory / "template"
        finished.mkdir()
        for file in _FILES:
            os.rename(directory / file, finished / file)
        os.rename(finished, template)


def _signing_key() -> str:
    from signedjson import key

    generated = key.generate_signing_key("a_once")
    return f"{generated.alg} {generated.version} {key.encode_signing_key_base64(generated)}\n"
