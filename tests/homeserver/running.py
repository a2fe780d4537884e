"""Owns the tests' side of a throwaway Synapse: it is started, gets a user, and tells whether a token works."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import synapse_process

_FOLDER = Path(__file__).resolve().parent


class Homeserver:
    def __init__(self) -> None:
        self._synapse = subprocess.Popen(
            [sys.executable, _FOLDER / "homeserver.py", "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._synapse.stdout
        description = json.loads(self._synapse.stdout.readline())
        self.url: str = description["homeserver_url"]
        self._directory: str = description["directory"]

    def stop(self) -> None:
        self._synapse.communicate(timeout=30)

    def register(self, user: str, password: str) -> None:
        command = [sys.executable, str(_FOLDER / "homeserver.py"), "register"]
        command += [self._directory, user, "-"]
        subprocess.run(command, input=password.encode(), check=True)

    @property
    def logins(self) -> int:
        """How many it has answered, be it with a refusal."""
        log = (Path(self._directory) / synapse_process.LOG).read_text(encoding="utf-8")
        return len(re.findall(r"Processed request.*POST /_matrix/client/v3/login", log))

    def behind_tls(self, certificate: Path, key: Path) -> str:
        command = [sys.executable, str(_FOLDER / "proxy.py"), "tls", self._directory]
        command += [str(certificate), str(key)]
        started = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return started.stdout.strip()

    def knows(self, access_token: str) -> bool:
        request = urllib.request.Request(
            f"{self.url}/_matrix/client/v3/account/whoami",
            headers={"Authorization": f"Bearer {access_token}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return bool(opener.open(request, timeout=30).status == 200)
        except urllib.error.HTTPError as error:
            assert json.load(error)["errcode"] == "M_UNKNOWN_TOKEN"
            return False
