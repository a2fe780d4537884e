"""Owns the homeserver of the scan: a real Synapse behind the recording_proxy, a recorded MAS behind another, its users, and the folder that everything is in."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from credentials import Credentials
from recording_proxy import Witness

_FOLDER = Path(__file__).resolve().parents[1] / "homeserver"
sys.path.append(str(_FOLDER))
import ports


class Homeserver:
    def __init__(self) -> None:
        # Not pytest's own folder, which is closed to the user that a task becomes.
        self.folder = Path(tempfile.mkdtemp(prefix="leaks-"))
        self.folder.chmod(0o711)
        self._lock = threading.Lock()
        self.credentials = Credentials()
        settings = self.credentials.write_settings(self.folder)
        self._synapse = subprocess.Popen(
            [sys.executable, str(_FOLDER / "homeserver.py"), "serve", f"--settings={settings}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._synapse.stdout
        description = json.loads(self._synapse.stdout.readline())
        self.server_name: str = description["server_name"]
        self._directory: str = description["directory"]
        self.recording_proxy = Witness(description["homeserver_url"])
        self.mas = Witness("")
        self.mas_client = self._start_mas()

    def stop(self) -> None:
        self.recording_proxy.stop()
        self.mas.stop()
        self._synapse.communicate(timeout=30)
        shutil.rmtree(self.folder)

    def _start_mas(self) -> dict[str, str]:
        """It names itself by the address of its recording_proxy."""
        command = [sys.executable, str(_FOLDER / "start_mas.py"), self._directory]
        command += ["--issuer", self.mas.url("mas", "passed") + "/"]
        started = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        description: dict[str, str] = json.loads(started.stdout)
        self.mas.homeserver = urlsplit(description["homeserver_url"]).netloc
        return description

    def free_port(self) -> int:
        with self._lock:
            return ports.free()

    def register(self, user: str, password: str, *flags: str) -> None:
        command = [sys.executable, str(_FOLDER / "homeserver.py"), "register"]
        command += [self._directory, user, "-", *flags]
        subprocess.run(command, input=password.encode(), check=True)

    def log_in(self, user: str, password: str) -> str:
        """A token that the module has nothing to do with."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password,
        }
        return str(self._post("/_matrix/client/v3/login", body)["access_token"])

    def login_token(self, access_token: str) -> str:
        """What an application that is logged in gets for another one."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return str(self._post("/_matrix/client/v1/login/get_token", {}, headers)["login_token"])

    def _post(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        url = self.recording_proxy.url("preparation", "passed") + path
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(url, json.dumps(body).encode(), headers or {})
        with opener.open(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
