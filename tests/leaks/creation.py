"""Owns the making of a world: its folders, its secrets, what is installed and the inventory; and the end of what runs in it.

Its files stay until the tests are over.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import callback_plugins
from ansible_cores import Core
from real_homeserver import Homeserver
from runs import HOSTS, INSTALLED
from secret_texts import handed_out, planted, planted_password, with_signs
from sshd import Sshd
from world import WAYS, World

_HERE = Path(__file__).resolve().parent
_OPEN_FOLDERS = ("home", "tmp", "output", "junit", "tree", "log_plays", "retry", "cache")
_PRIVATE_FOLDERS = ("sessions", "inventory", "inventory/group_vars")
_REFUSED = ("wrong_login_token", "wrong_jwt", "wrong_as_token", "wrong_shared_secret")
CANT_BECOME = "become was not run here: it takes root, or sudo without a password"


@contextmanager
def created(core: Core, case: str, homeserver: Homeserver, collection: Path) -> Iterator[World]:
    world = World(core, case, homeserver.folder / case, homeserver, [])
    _make_folders(world.root)
    sshd = Sshd(world.root / "sshd", world.root / "home", homeserver.free_port())
    try:
        _install(world, collection)
        _plant(world)
        _write_inventory(world, sshd.inventory())
        yield world
    finally:
        sshd.stop()


def _make_folders(root: Path) -> None:
    """The user that a task becomes gets through, and into a place of its own."""
    for folder in (root, *(root / name for name in _OPEN_FOLDERS)):
        folder.mkdir(mode=0o711)
    for name in _PRIVATE_FOLDERS:
        (root / name).mkdir(mode=0o700)
    (root / "everyone").mkdir()
    (root / "everyone").chmod(0o1777)


def _install(world: World, collection: Path) -> None:
    """The collection, one with a broken binary, and the drop-in as a user has it: library/ beside the playbooks."""
    binary = _install_collection(world, collection, "collections")
    broken = _install_collection(world, collection, "broken")
    shutil.copy(_HERE / "fakes/broken", broken)
    playbooks = _HERE / "playbooks"
    shutil.copytree(playbooks, world.root / "collection")
    library = world.root / "drop_in/library"
    library.mkdir(parents=True)
    shutil.copy(binary, library / "matrix_access_token")
    shutil.copytree(_HERE / "fakes", world.root / "collection/library")
    for playbook in playbooks.rglob("*.yml"):
        place = library.parent / playbook.relative_to(playbooks)
        place.parent.mkdir(exist_ok=True)
        place.write_text(_for_drop_in(playbook.read_text()))


def _install_collection(world: World, collection: Path, name: str) -> Path:
    """Returns the place of its binary."""
    place = world.root / name / "ansible_collections/selfhosted/matrix"
    shutil.copytree(collection, place)
    shutil.copytree(callback_plugins.folder(world.core), place.parents[1], dirs_exist_ok=True)
    return place / f"plugins/modules/__bin/linux_{os.uname().machine}/matrix_access_token"


def _for_drop_in(playbook: str) -> str:
    """The same tasks without the collection: by the short name, and hidden by the play."""
    playbook = playbook.replace("selfhosted.matrix.matrix_access_token:", "matrix_access_token:")
    return playbook.replace("gather_facts: false", "gather_facts: false\n  no_log: true")


def _plant(world: World) -> None:
    world.planted += [planted(name) for name in (*_REFUSED, "access_token")]
    world.planted += world.homeserver.credentials.texts()
    _plant_accounts(world)
    _plant_login_tokens(world)
    _plant_for_mas(world)


def _plant_accounts(world: World) -> None:
    password, admin = planted_password("password"), planted_password("admin's password")
    world.planted += [password, admin, planted_password("wrong_password")]
    homeserver = world.homeserver
    homeserver.register(world.case, password.value)
    homeserver.register(f"{world.case}.admin", admin.value, "--admin")
    for name, user, secret in (
        ("live_access_token", world.case, password),
        ("admin_access_token", f"{world.case}.admin", admin),
    ):
        world.planted.append(handed_out(name, homeserver.log_in(user, secret.value)))
    world.planted.append(handed_out("jwt", homeserver.credentials.jwt_for(world.case)))


def _plant_login_tokens(world: World) -> None:
    """Each works once, and Synapse gives a user one a minute: so each is another user's."""
    for way, host in product(INSTALLED, HOSTS):
        name, password = f"login_token_{way}_{host}", planted_password("password of one login")
        user = f"{world.case}.{way}.{host}"
        world.homeserver.register(user, password.value)
        token = world.homeserver.log_in(user, password.value)
        world.planted.append(handed_out(name, world.homeserver.login_token(token)))


def _plant_for_mas(world: World) -> None:
    """The secret of the client, and a line as mas-cli prints it."""
    client_secret = world.homeserver.mas_client["client_secret"]
    world.planted.append(with_signs("mas_client_secret", client_secret))
    (token,) = (one.value for one in world.planted if one.name == "live_access_token")
    printed = world.sessions / "printed.json"
    printed.touch(mode=0o600)
    printed.write_text(f"INFO Compatibility token issued: {token} user.username=x\n")


def _write_inventory(world: World, ssh: dict[str, Any]) -> None:
    """`ssh` is what it takes to get into the world's sshd."""
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
        "homeserver": {way: world.url(way) for way in WAYS},
        "mas": {way: world.homeserver.mas.url("mas", way) for way in ("passed", "echo")},
        "mas_cli": [
            str(world.root / "collection/library/mas_cli"),
            str(world.root / "everyone"),
            world.homeserver.mas.url("mas", "passed"),
        ],
        "mas_client_id": world.homeserver.mas_client["client_id"],
        "user_id": world.user_id,
        "accounts": [
            {"password": secrets["password"]},
            {"password": secrets["wrong_password"]},
        ],
        "sessions": str(world.sessions),
        "home": str(world.root / "home"),
        **_privileges(),
    }
    world.variables.touch(mode=0o600)
    world.variables.write_text(json.dumps(variables))


def can_become() -> bool:
    return os.getuid() == 0 or _sudo_works()


def _privileges() -> dict[str, Any]:
    """For the inventory: root becomes nobody, and anybody else root."""
    if os.getuid() == 0:
        return {
            "can_become": True,
            "ansible_become_method": "su",
            "ansible_become_user": "nobody",
            "ansible_become_flags": "-s /bin/sh",
        }
    return {
        "can_become": can_become(),
        "ansible_become_method": "sudo",
        "ansible_become_user": "root",
    }


def _sudo_works() -> bool:
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
