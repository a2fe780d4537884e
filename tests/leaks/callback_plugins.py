"""Owns the callbacks that the scan borrows from other collections, as the package `ansible` of each time has them.

As a command it takes them out of the packages' wheels, once, into .cache/callbacks/.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ansible_cores import Core

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "callbacks"
_PATIENCE = 900
# The second holds community.general 11, the last that has a yaml callback.
_BEFORE_2_19, _SINCE_2_19 = "9.13.0", "12.3.0"
_FILES = (
    "ansible_collections/ansible/posix/plugins/callback/json.py",
    "ansible_collections/community/general/plugins/callback/log_plays.py",
    "ansible_collections/community/general/plugins/callback/yaml.py",
)


def folder(core: Core) -> Path:
    """What these collections are installed from, for a version of ansible-core."""
    package = _SINCE_2_19 if core.is_at_least(2, 19) else _BEFORE_2_19
    return _CACHE / package / "ansible_collections"


def take(package: str) -> str:
    """Takes the files out of one package; says what was done, nothing if nothing was."""
    place = _CACHE / package
    if all((place / name).exists() for name in _FILES):
        return ""
    with tempfile.TemporaryDirectory() as downloads:
        # Whichever Python runs this: only files are taken out.
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        command += ["--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.12"]
        command += [f"--dest={downloads}", f"ansible=={package}"]
        subprocess.run(command, check=True, timeout=_PATIENCE)
        (wheel,) = Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place, _FILES)
    return f"took {len(_FILES)} callbacks out of ansible {package}"


def main() -> None:
    for package in (_BEFORE_2_19, _SINCE_2_19):
        message = take(package)
        if message:
            print(message, flush=True)


if __name__ == "__main__":
    main()
