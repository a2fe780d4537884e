"""Owns the runs of `ansible-test sanity`: all its tests of the collection, on each of some versions of ansible-core.

What ansible-test needs and installs is in .cache/sanity/, with a home of its own. Each finding is an error: there are no files of ignores.
"""

import argparse
import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_cores import Core, selected, wanted

_PROJECT = Path(__file__).resolve().parents[2]
_COLLECTION = _PROJECT / "ansible"
_STAND_IN = Path(__file__).with_name("get_pip.py")
_PATIENCE = 1800


def check(core: Core) -> tuple[bool, str]:
    """Whether all tests passed, and what ansible-test printed."""
    folder = _PROJECT / ".cache/sanity" / core.version
    home, collection = folder / "home", folder / "ansible_collections/selfhosted/matrix"
    _prepare(home, core)
    _copy_collection(collection)
    command = [str(core.environment / "bin/ansible-test"), "sanity", "--color", "no"]
    result = subprocess.run(
        [*command, "--requirements", "--python", _python(core)],
        cwd=collection,
        env={
            "HOME": str(home),
            "PATH": f"{core.environment / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    passed = result.returncode == 0 and "All targets skipped" not in result.stdout
    return passed, result.stdout


def _copy_collection(place: Path) -> None:
    """What is in git, so not the binaries: validate-modules reads every module as text."""
    shutil.rmtree(place, ignore_errors=True)
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (_COLLECTION / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_COLLECTION / name, place / name)
    # Else ansible-test asks the repository around it, which ignores this folder, and finds no files.
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)


def _git(*words: str) -> str:
    command = ["git", "-C", str(_COLLECTION), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _prepare(home: Path, core: Core) -> None:
    """Puts in place what ansible-test would download, and pip's settings, which it does not pass on."""
    cache = home / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copy(_STAND_IN, cache / f"get_pip_{_pip_version(core).replace('.', '_')}.py")
    (home / ".config/pip").mkdir(parents=True, exist_ok=True)
    settings = configparser.RawConfigParser()
    settings["global"] = _pip_settings(core)
    with open(home / ".config/pip/pip.conf", "w", opener=_private) as file:
        settings.write(file)


def _private(path: str, flags: int) -> int:
    """The address of an index may hold a password."""
    return os.open(path, flags, mode=0o600)


def _pip_settings(core: Core) -> dict[str, str]:
    """Those of files and of the environment, which wins."""
    command = [str(core.environment / "bin/pip"), "config", "list"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    settings = {}
    for line in sorted(shown.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = str(ast.literal_eval(value))
    return settings


def _pip_version(core: Core) -> str:
    """The one that ansible-test wants in its environments."""
    (source,) = core.environment.glob("lib/*/site-packages/ansible_test/_internal")
    text = (source / "python_requirements.py").read_text()
    match = re.search(r"^        pip='([\d.]+)',$", text, re.MULTILINE)
    assert match, "ansible-test no longer says which pip it wants"
    return match[1]


def _python(core: Core) -> str:
    (folder,) = core.environment.glob("lib/python3.*")
    return folder.name.removeprefix("python")


def _report(core: Core, passed: bool, output: str) -> None:
    if not passed:
        print(output)
    for line in output.splitlines():
        if "skip" in line.lower():
            print(f"ansible-core {core}: {line}")
    number = len(set(re.findall(r'^Running sanity test "(\S+)"', output, re.MULTILINE)))
    print(
        f"ansible-core {core}: {number} sanity tests {'passed' if passed else 'ran, some FAILED'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cores", nargs="+", help="2.19, oldest, default, newest, or all")
    arguments = parser.parse_args()
    cores = wanted(" ".join(arguments.cores))
    all_passed = True
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for core, (passed, output) in zip(cores, pool.map(check, cores)):
            _report(core, passed, output)
            all_passed &= passed
    for core in selected(arguments.cores):
        if not core.is_made:
            print(core.why_not)
    if not all_passed:
        sys.exit(1)


if __name__ == "__main__":
    main()
