"""Owns one trial: a copy of the collection with the stand-in for a binary, and a run of ansible-playbook with it."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_cores import Core
from sshd import Sshd

_HERE = Path(__file__).resolve().parent
_COLLECTION = _HERE.parents[1] / "ansible"
_VAULT_PASSWORD = "vault"


class Trial:
    def __init__(
        self,
        core: Core,
        root: Path,
        *,
        mode: int = 0o755,
        host: dict[str, Any] | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        """On the controller, or the host that these variables lead to. `mode` is the binary's."""
        self.core = core
        self.host = {"ansible_connection": "local"} if host is None else host
        self.settings = settings or {}
        self.root = root
        self.calls_file = root / "calls_file"
        self.results_file = root / "results_file"
        self._install(mode)
        self._write_inventory()

    def _install(self, mode: int) -> None:
        place = self.root / "collections/ansible_collections/selfhosted/matrix"
        shutil.copytree(_COLLECTION, place, ignore=shutil.ignore_patterns("__bin", "__pycache__"))
        binary = place / f"plugins/modules/__bin/linux_{os.uname().machine}/matrix_access_token"
        binary.parent.mkdir(parents=True)
        text = (_HERE / "fake_module.py").read_text().replace("\\x01", "\x01")
        binary.write_text(f"#!{sys.executable}\n{text}")
        binary.chmod(mode)
        for playbook in _HERE.glob("*.yml"):
            shutil.copy(playbook, self.root)

    def _write_inventory(self) -> None:
        (self.root / "not_unicode").write_bytes(b"caf\xe9")
        (self.root / "vault_password").write_text(_VAULT_PASSWORD)
        (self.root / "group_vars").mkdir()
        (self.root / "group_vars/all.yml").write_text(f"vaulted: {_encrypted('hunter2')}\n")
        python = {"ansible_python_interpreter": sys.executable}
        hosts = {"all": {"hosts": {"host": self.host | python}, "vars": python}}
        (self.root / "hosts.json").write_text(json.dumps(hosts))

    def start(self, playbook: str = "playbook.yml", **variables: Any) -> "subprocess.Popen[str]":
        """In a session of its own, as if from a terminal of its own."""
        for name in ("calls_file", "results_file", "not_unicode"):
            variables[name] = self.root / name
        command = [
            str(self.core.environment / "bin/ansible-playbook"),
            "--inventory=hosts.json",
            "-vvv",
        ]
        command += [f"--extra-vars={name}={value}" for name, value in variables.items()]
        return subprocess.Popen(
            [*command, "--vault-password-file=vault_password", playbook],
            cwd=self.root,
            env=os.environ | self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, playbook: str = "playbook.yml", **variables: Any) -> str:
        """Returns what was printed."""
        with self.start(playbook, **variables) as process:
            return process.communicate()[0]

    def _environment(self) -> dict[str, str]:
        collections = str(self.root / "collections")
        return {
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_COLLECTIONS_PATHS": collections,
            "ANSIBLE_HOME": str(self.root / "home"),
            "ANSIBLE_NOCOLOR": "1",
            **self.settings,
        }

    @property
    def calls(self) -> list[dict[str, Any]]:
        """How the stand-in was called, each time."""
        return [json.loads(line) for line in self.calls_file.read_text().splitlines()]

    @property
    def results(self) -> Any:
        """What the playbook registered."""
        return json.loads(self.results_file.read_text())


@functools.cache
def _encrypted(text: str) -> str:
    """All versions of ansible-core encrypt alike."""
    vault = Path(sys.executable).with_name("ansible-vault")
    command = [str(vault), "encrypt_string", "--vault-password-file=/dev/stdin", text]
    ended = subprocess.run(
        command, input=_VAULT_PASSWORD, capture_output=True, text=True, check=True
    )
    return ended.stdout


def over_ssh(sshd: Sshd) -> dict[str, Any]:
    """The variables that lead to it. Ansible asks the system where a home is, and this one is elsewhere."""
    return sshd.inventory() | {
        "ansible_connection": "ssh",
        "ansible_remote_tmp": str(sshd.home / ".ansible/tmp"),
    }
