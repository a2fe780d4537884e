"""Owns the choice among the versions of ansible-core that this machine has: by number, or as the oldest, the default, the newest."""

from importlib.metadata import version

from ansible_cores import CORES, Core


class UnknownCore(Exception):
    """Nothing of that name is tested, or this machine cannot run it."""


def selected(words: list[str], made: list[Core]) -> list[Core]:
    """Those of the ones that are `made` that the words mean, each once, the oldest first."""
    chosen = [core for word in words for core in _meant(word, made)]
    return [core for core in made if core in chosen]


def made() -> list[Core]:
    return [core for core in CORES if core.is_made]


def left_out(words: list[str]) -> list[str]:
    """What to say about versions that were meant, but that this machine has no Python for."""
    return [core.why_not for core in selected(words, list(CORES)) if not core.is_made]


def _meant(word: str, cores: list[Core]) -> list[Core]:
    if word == "all":
        return cores
    if word == "oldest":
        return cores[:1]
    if word == "newest":
        return cores[-1:]
    number = _default() if word == "default" else word
    found = [core for core in cores if number in (str(core), core.version)]
    if not found:
        raise UnknownCore(f"there is no ansible-core {number} here")
    return found


def _default() -> str:
    """The one that the other tools of .venv use."""
    return version("ansible-core")
