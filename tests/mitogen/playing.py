"""Owns a run of ansible-playbook under Mitogen's strategy, in a folder that holds all that it reads, writes and leaves behind.

The module is there in both ways that users have it, and hosts that are reached in several ways.
"""

import getpass
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_cores import Core

_HERE = Path(__file__).resolve().parent
_PROJECT = _HERE.parents[1]
_COLLECTION = _PROJECT / "ansible"
_STRATEGIES = _PROJECT / ".cache/mitogen/ansible_mitogen/plugins/strategy"
# Root becomes nobody, and anybody else root.
OTHER_USER = "nobody" if getpass.getuser() == "root" else "root"


class Controller:
    def __init__(self, root: Path, ssh: dict[str, Any]) -> None:
        """`ssh` is what it takes to get into a real sshd."""
        self.root = root
        self.binary = f"plugins/modules/__bin/linux_{os.uname().machine}/matrix_access_token"
        for folder in (self.tmp, self.sessions):
            folder.mkdir()
            folder.chmod(0o1777)
        self._install()
        (root / "hosts.json").write_text(json.dumps(_inventory(ssh)))

    @property
    def tmp(self) -> Path:
        """For Ansible and Mitogen, on the controller and on the targets."""
        return self.root / "tmp"

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def variables(self) -> Path:
        return self.root / "variables.json"

    def _install(self) -> None:
        """The collection, and the drop-in as a user has it: library/ beside the playbook."""
        collection = self.root / "collections/ansible_collections/selfhosted/matrix"
        collection.parent.mkdir(parents=True)
        collection.symlink_to(_COLLECTION)
        library = self.root / "drop_in/library"
        library.mkdir(parents=True)
        shutil.copy(_COLLECTION / self.binary, library)
        playbook = (_HERE / "playbook.yml").read_text()
        (self.root / "drop_in/playbook.yml").write_text(_for_drop_in(playbook))
        (self.root / "collection").mkdir()
        (self.root / "collection/playbook.yml").write_text(playbook)

    def play(self, core: Core, way: str, hosts: tuple[str, ...], variables: dict[str, str]) -> str:
        """Returns what was printed."""
        with self.start(core, way, variables, f"--limit={','.join(hosts)}") as process:
            return process.communicate()[0]

    def start(
        self, core: Core, way: str, variables: dict[str, str], *options: str
    ) -> "subprocess.Popen[str]":
        self.variables.touch(mode=0o600)
        self.variables.write_text(json.dumps(variables))
        command = [str(core.environment / "bin/ansible-playbook"), "-vvv", "--diff", *options]
        command += ["--inventory=hosts.json", f"--extra-vars=@{self.variables}"]
        return subprocess.Popen(
            [*command, f"{way}/playbook.yml"],
            cwd=self.root,
            env=os.environ | self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        collections = str(self.root / "collections")
        return {
            "ANSIBLE_STRATEGY": "mitogen_linear",
            "ANSIBLE_STRATEGY_PLUGINS": str(_STRATEGIES),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_COLLECTIONS_PATHS": collections,
            "ANSIBLE_HOME": str(self.root / "controller"),
            "ANSIBLE_NOCOLOR": "1",
            # Of Ansible's ways to name that folder, Mitogen knows this one, but no variable.
            "ANSIBLE_REMOTE_TMP": str(self.tmp),
            "TMPDIR": str(self.tmp),
        }


def _for_drop_in(playbook: str) -> str:
    """The same tasks without the collection: by the short name, and hidden by the play."""
    playbook = playbook.replace("selfhosted.matrix.matrix_access_token:", "matrix_access_token:")
    return playbook.replace("gather_facts: false", "gather_facts: false\n  no_log: true")


def _inventory(ssh: dict[str, Any]) -> dict[str, Any]:
    become = {
        "ansible_become": True,
        "ansible_become_method": "sudo",
        "ansible_become_user": OTHER_USER,
        # Mitogen needs a Python that this user may run, too.
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    local, over_ssh = {"ansible_connection": "local"}, ssh | {"ansible_connection": "ssh"}
    hosts = {
        "here": local,
        "here_as_other": local | become,
        "over_ssh": over_ssh,
        "over_ssh_as_other": over_ssh | become,
        # Mitogen takes over connections by their short names only.
        "here_by_full_name": {"ansible_connection": "ansible.builtin.local"},
        "over_ssh_by_full_name": ssh | {"ansible_connection": "ansible.builtin.ssh"},
    }
    return {"all": {"hosts": hosts, "vars": {"ansible_python_interpreter": sys.executable}}}
