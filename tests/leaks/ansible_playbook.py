"""Owns the command `ansible-playbook`: with nothing of the developer's own, and everything on that writes something down."""

import subprocess
from pathlib import Path

from runs import Run
from world import World

_PATIENCE = 300
_PLUGINS = Path(__file__).resolve().parent / "plugins"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class UnexpectedEnd(Exception):
    """A run that did not go as the playbook means it to; what it printed is in the message."""


def complete(world: World, run: Run) -> str:
    """Runs it to its end; returns what it printed."""
    return finish(world, run, start(world, run))


def start(world: World, run: Run) -> "subprocess.Popen[bytes]":
    """Runs it in the background; what it prints goes to a file, and so is searched like all others."""
    command = [str(world.core.environment / "bin/ansible-playbook"), "--diff"]
    command += ["--inventory", str(world.root / "inventory/hosts.json")]
    command += [f"--extra-vars={key}={value}" for key, value in run.variables.items()]
    command += ["-" + run.verbosity * "v"] if run.verbosity else []
    with _output(world, run).open("wb") as output:
        return subprocess.Popen(
            [*command, str(world.root / run.playbook)],
            env=_environment(world) | run.settings,
            cwd=world.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def finish(world: World, run: Run, process: "subprocess.Popen[bytes]") -> str:
    status = process.wait(_PATIENCE)
    text = _output(world, run).read_text(errors="replace")
    if status != run.status:
        raise UnexpectedEnd(f"{run} ended with status {status}:\n{text[-8000:]}")
    return text


def _output(world: World, run: Run) -> Path:
    return world.root / f"output/{run.name}.txt"


def _environment(world: World) -> dict[str, str]:
    root = world.root
    return {
        "PATH": f"{world.core.environment / 'bin'}:{_SYSTEM_PATH}",
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        # ansible-core 2.16 knows only the second name, 2.19 only the first.
        "ANSIBLE_COLLECTIONS_PATH": str(root / "collections"),
        "ANSIBLE_COLLECTIONS_PATHS": str(root / "collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(_PLUGINS / "callback"),
        "ANSIBLE_CONNECTION_PLUGINS": str(_PLUGINS / "connection"),
        "ANSIBLE_CALLBACKS_ENABLED": "everything,junit,tree,community.general.log_plays",
        "LEAKS_EVERYTHING": str(root / "output/everything.jsonl"),
        "JUNIT_OUTPUT_DIR": str(root / "junit"),
        "ANSIBLE_CALLBACK_TREE_DIR": str(root / "tree"),
        "ANSIBLE_LOG_FOLDER": str(root / "log_plays"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(root / "retry"),
        "ANSIBLE_LOG_PATH": str(root / "output/ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(root / "cache"),
    }
