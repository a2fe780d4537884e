"""Owns the folder that one version of ansible-core is run in: all that is read there, written there and left behind there.

It holds the controller's home and the target's, so that a search of the folder is a search of everything.
"""

from dataclasses import dataclass, field
from pathlib import Path

from ansible_cores import Core
from real_homeserver import Homeserver
from search import Leak, State, in_folder, in_text
from secret_texts import SecretText
from recording_proxy import Case

SYSTEM_LOG = "system.log"
# Parts of a URL: how its requests fare, or only what they are for.
WAYS = ("passed", "held", "echo", "cached", "in_memory", "async")


@dataclass
class World:
    """A core, a folder, secrets to keep, and a case of its own at the recording_proxy."""

    core: Core
    case: str
    root: Path
    homeserver: Homeserver
    planted: list[SecretText]
    searched: dict[Path, State] = field(default_factory=dict)

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def variables(self) -> Path:
        return self.root / "inventory/group_vars/all.json"

    @property
    def user_id(self) -> str:
        return f"@{self.case}:{self.homeserver.server_name}"

    @property
    def witnessed(self) -> Case:
        """What became of this world's requests to the homeserver."""
        return self.homeserver.recording_proxy.cases[self.case]

    @property
    def secrets(self) -> list[SecretText]:
        return (
            self.planted + self.witnessed.handed_out + self.homeserver.mas.cases["mas"].handed_out
        )

    def url(self, way: str) -> str:
        return self.homeserver.recording_proxy.url(self.case, way)

    def leaks(self) -> list[Leak]:
        """Everything but the variables that the secrets come from, and the session files that they are for."""
        allowed = [self.variables, *self.sessions.glob("*.json*")]
        leaks = in_folder(self.root, self.secrets, allowed, self.searched)
        system_log = self.homeserver.folder / SYSTEM_LOG
        if system_log.exists():
            leaks += in_text("system log", system_log.read_bytes(), self.secrets)
        return leaks
