"""Owns the making of a world, and the end of what runs in it. Its files stay until the tests are over."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import installation
import inventory
import seed_secrets
from ansible_cores import Core
from real_homeserver import Homeserver
from sshd import Sshd
from world import World

_OPEN_FOLDERS = ("home", "tmp", "output", "junit", "tree", "log_plays", "retry", "cache")
_PRIVATE_FOLDERS = ("sessions", "inventory", "inventory/group_vars")


@contextmanager
def created(core: Core, case: str, homeserver: Homeserver, collection: Path) -> Iterator[World]:
    world = World(core, case, homeserver.folder / case, homeserver, [])
    _make_folders(world.root)
    sshd = Sshd(world.root / "sshd", world.root / "home", homeserver.free_port())
    try:
        installation.install(world, collection)
        seed_secrets.plant(world)
        inventory.write(world, sshd.inventory())
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
