"""Owns the folder that one version of ansible-core is run in: all that is read there, written there and left behind there.

It holds the controller's home and the target's, so that a search of the folder is a search of everything.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import privileges
from ansible_cores import Core
from real_homeserver import Homeserver
from search import Leak, in_folder, in_text
from secret_texts import SecretText, handed_out, planted, planted_password
from sshd import Sshd
from witness import Case

SYSTEM_LOG = "system.log"

_HERE = Path(__file__).resolve().parent
_FOLDERS = ("home", "tmp", "working", "output", "junit", "tree", "retry", "cache")
_WAYS = ("passed", "held", "echo", "cached", "in_memory", "async")
_REFUSED = ("login_token", "jwt", "as_token", "shared_secret", "access_token")


@dataclass
class World:
    """A core with an inventory, an sshd, secrets, and a case of its own at the witness."""

    core: Core
    case: str
    root: Path
    homeserver: Homeserver
    collection: Path
    sshd: Sshd
    planted: list[SecretText]

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
        return self.homeserver.witness.cases[self.case]

    @property
    def secrets(self) -> list[SecretText]:
        return self.planted + self.witnessed.handed_out

    def url(self, way: str) -> str:
        return self.homeserver.witness.url(self.case, way)

    def leaks(self) -> list[Leak]:
        """Everything but the variables that the secrets come from, and the session files that they are for."""
        allowed = [self.variables, *self.sessions.glob("*.json*")]
        leaks = in_folder(self.root, self.secrets, allowed)
        system_log = self.homeserver.folder / SYSTEM_LOG
        if system_log.exists():
            leaks += in_text("system log", system_log.read_bytes(), self.secrets)
        return leaks


@contextmanager
def created(core: Core, case: str, homeserver: Homeserver, collection: Path) -> Iterator[World]:
    root = homeserver.folder / case
    root.mkdir(mode=0o711)
    for name in _FOLDERS:
        (root / name).mkdir(mode=0o711)
    for name in ("sessions", "inventory"):
        (root / name).mkdir(mode=0o700)
    (root / "inventory/group_vars").mkdir()
    (root / "everyone").mkdir()
    (root / "everyone").chmod(0o1777)
    sshd = Sshd(root / "sshd", root / "home", homeserver.free_port())
    try:
        world = World(core, case, root, homeserver, collection, sshd, [])
        _install(world)
        _plant(world)
        _write_inventory(world)
        yield world
    finally:
        sshd.stop()


def _install(world: World) -> None:
    """The collection, one with a broken binary, and the drop-in as a user has it: library/ beside the playbooks."""
    binary = _install_collection(world, "collections")
    shutil.copy(_HERE / "stand_ins/broken", _install_collection(world, "broken"))
    shutil.copytree(_HERE / "playbooks", world.root / "collection")
    library = world.root / "drop_in/library"
    library.mkdir(parents=True)
    shutil.copy(binary, library / "matrix_access_token")
    shutil.copytree(_HERE / "stand_ins", world.root / "collection/library")
    for playbook in (_HERE / "playbooks").glob("*.yml"):
        (library.parent / playbook.name).write_text(_for_drop_in(playbook.read_text()))


def _install_collection(world: World, name: str) -> Path:
    """Returns the place of its binary."""
    place = world.root / name / "ansible_collections/selfhosted/matrix"
    shutil.copytree(world.collection, place)
    return place / f"plugins/modules/__bin/linux_{os.uname().machine}/matrix_access_token"


def _for_drop_in(playbook: str) -> str:
    """The same tasks without the collection: by the short name, and hidden by the play."""
    playbook = playbook.replace("selfhosted.matrix.matrix_access_token:", "matrix_access_token:")
    return playbook.replace("gather_facts: false", "gather_facts: false\n  no_log: true")


def _plant(world: World) -> None:
    password, admin = planted_password("password"), planted_password("admin's password")
    world.planted += [password, admin, planted_password("wrong_password")]
    world.planted += [planted(name) for name in _REFUSED]
    homeserver = world.homeserver
    homeserver.register(world.case, password.value)
    homeserver.register(f"{world.case}.admin", admin.value, "--admin")
    for name, user, secret in (
        ("live_access_token", world.case, password),
        ("admin_access_token", f"{world.case}.admin", admin),
    ):
        world.planted.append(handed_out(name, homeserver.log_in(user, secret.value)))


def _write_inventory(world: World) -> None:
    ssh = world.sshd.inventory()
    hosts: dict[str, Any] = {
        "here": {"ansible_connection": "local"},
        "over_ssh": ssh,
        "wrapped": {"ansible_connection": "wrapped_ssh", "ssh_inside": ssh},
        "gone": ssh | {"ansible_port": world.homeserver.free_port()},
    }
    inventory = world.root / "inventory/hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    secrets = {secret.name: secret.value for secret in world.planted}
    variables = secrets | {
        "ansible_python_interpreter": str(world.core.environment / "bin/python"),
        # Ansible asks the system where a home is, and this one is elsewhere.
        "ansible_remote_tmp": str(world.root / "home/.ansible/tmp"),
        "ansible_async_dir": str(world.root / "home/.ansible_async"),
        "ansible_system_tmpdirs": [str(world.root / "everyone")],
        "homeserver": {way: world.url(way) for way in _WAYS},
        "user_id": world.user_id,
        "accounts": [
            {"password": secrets["password"]},
            {"password": secrets["wrong_password"]},
        ],
        "sessions": str(world.sessions),
        "home": str(world.root / "home"),
        **privileges.variables(),
    }
    world.variables.touch(mode=0o600)
    world.variables.write_text(json.dumps(variables))
