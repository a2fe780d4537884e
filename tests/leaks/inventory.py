"""Owns the inventory of a world: its hosts, and the variables with the secrets, in a file that only its owner may read."""

import json
from typing import Any

import privileges
from world import WAYS, World


def write(world: World, ssh: dict[str, Any]) -> None:
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
        **privileges.variables(),
    }
    world.variables.touch(mode=0o600)
    world.variables.write_text(json.dumps(variables))
