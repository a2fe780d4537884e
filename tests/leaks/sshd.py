"""Owns a real sshd on loopback, for the user who runs the tests: own keys, own configuration, own port."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

_PATIENCE = 15
_CONFIGURATION = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
# so that whatever is left in a home folder is found
SetEnv HOME={home}
"""


class Sshd:
    """Runs until it is stopped; all that it needs is in `folder`."""

    def __init__(self, folder: Path, home: Path, port: int) -> None:
        self.folder, self.home, self.port = folder, home, port
        folder.mkdir(mode=0o711)
        for name in ("host_key", "user_key"):
            _make_key(folder / name)
        configuration = folder / "sshd_config"
        configuration.write_text(_CONFIGURATION.format(port=port, folder=folder, home=home))
        public = (folder / "host_key.pub").read_text()
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (folder / "log").open("wb") as log:
            command = [_program(), "-D", "-e", "-f", str(configuration)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()

    def inventory(self) -> dict[str, Any]:
        """What Ansible has to know to get in."""
        return {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.folder / "user_key"),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={self.folder}/known_hosts",
        }

    def stop(self) -> None:
        """The connections that Ansible keeps open for later runs end first: they outlive it."""
        for kept in (self.home / ".ansible/cp").glob("*"):
            command = ["ssh", "-F", "none", "-O", "exit", "-o", f"ControlPath={kept}", "127.0.0.1"]
            subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(_PATIENCE)

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"sshd did not start: {(self.folder / 'log').read_text()}")


def _make_key(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)


def _program() -> str:
    """sshd insists on an absolute path, and is often not on a user's PATH."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if not program:
        raise RuntimeError("sshd is not installed; `make setup` does it")
    return program
