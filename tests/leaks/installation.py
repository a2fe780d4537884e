"""Owns what is installed in a world: the module in both ways that users have it, the playbooks for each, and callbacks."""

import os
import shutil
from pathlib import Path

import callback_plugins
from world import World

_HERE = Path(__file__).resolve().parent


def install(world: World, collection: Path) -> None:
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
