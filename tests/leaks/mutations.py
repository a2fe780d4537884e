"""Owns the proof that the scan guards the plugin: takes away one guard at a time, and the tests must fail.

A command for when the plugin's secrecy changes; about a minute per guard.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
_COLLECTION = _HERE.parents[1] / "ansible"
_ACTION = "plugins/action/matrix_access_token.py"
_NO_LOG = "plugins/plugin_utils/no_log.py"
_RUNNER = "plugins/plugin_utils/runner.py"
_LOCAL = "plugins/plugin_utils/local.py"
_PIPELINED = "plugins/plugin_utils/pipelined.sh"

# Where each guard stands, what it looks like, and what is left without it.
_GUARDS = {
    "no_log of the task": (_NO_LOG, "action._task,  # the binary", "# the binary"),
    "no_log of the connection": (_NO_LOG, "action._connection._play_context,", ""),
    "no_log of the play context": (_NO_LOG, "action._play_context,  # so", "# so"),
    "no_log of loops": (_ACTION, "self._task.no_log = True", "pass"),
    "no_log of the result": (_ACTION, "bool(self._task.no_log or not readable)", "False"),
    "no_log without copies": (
        _ACTION,
        "        with no_log.force_no_log(self):\n            result = runner",
        "        if True:\n            result = runner",
    ),
    "broken output": (_NO_LOG, 'if "module_stdout" not in result:', "if True:"),
    "no copy of the arguments": (_RUNNER, "def _transfer_data", "def _keep"),
    "no argument in place": (_LOCAL, '"-"]', '"-", self._arguments]'),
    "no argument over ssh": (
        _PIPELINED,
        '$ENVIRONMENT "$d/$NAME" -',
        '$ENVIRONMENT "$d/$NAME" - "$a"',
    ),
}

# A leak, a run that ended otherwise than meant, or a failed test.
_FAILURE = r"^E +(\S.* \(.*\) after .*|.*UnexpectedEnd: .*\(name='\S+?')|^FAILED (\S+)"


def fails_without(guard: str, core: str) -> list[str]:
    """The failures when the guard is gone, each once."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Path(folder) / "ansible"
        shutil.copytree(_COLLECTION, collection)
        file, there, gone = _GUARDS[guard]
        plugin = collection / file
        text = plugin.read_text()
        if text.count(there) != 1:
            sys.exit(f"{file} has changed: {there!r} is there {text.count(there)} times")
        plugin.write_text(text.replace(there, gone))
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", str(_HERE)]
        command += [f"--collection={collection}"]
        environment = os.environ | {"CORES": core}
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        if result.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            sys.exit(f"the tests did not run on ansible-core {core}:\n{result.stdout[-2000:]}")
        found = re.finditer(_FAILURE, result.stdout, re.MULTILINE)
        return sorted({match[1] or match[2] for match in found})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", default="newest")
    parser.add_argument("--guard", choices=_GUARDS, action="append", help="only this one")
    arguments = parser.parse_args()
    survivors = []
    for guard in arguments.guard or _GUARDS:
        failures = fails_without(guard, arguments.core)
        print(f"without {guard}: {len(failures)} failures", *failures, sep="\n  ", flush=True)
        survivors += [] if failures else [guard]
    if survivors:
        sys.exit(f"the scan does not notice when these are gone: {', '.join(survivors)}")


if __name__ == "__main__":
    main()
