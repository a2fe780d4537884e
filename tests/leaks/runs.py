"""Owns the table of what is run in each world. Verbosity 4 shows all that lower ones do, so those only get the short playbook."""

from dataclasses import dataclass, field
from itertools import product

from ansible_cores import Core

# As what the module is run, and where.
INSTALLED = ("collection", "drop_in")
HOSTS = ("here", "over_ssh")

_PIPELINING = {"ANSIBLE_PIPELINING": "1"}
_BROKEN = {"ANSIBLE_COLLECTIONS_PATH": "broken", "ANSIBLE_COLLECTIONS_PATHS": "broken"}
_CALLBACKS = ("minimal", "oneline", "ansible.posix.json", "community.general.yaml")


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook; `status` is the one it must end with."""

    name: str
    playbook: str
    verbosity: int = 4
    variables: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    status: int = 0


def all_runs(core: Core) -> list[Run]:
    return [*_everything(), *_verbosities(), *_callbacks(), *_promises(core)]


def all_held() -> list[Run]:
    """Those during which the module is looked at."""
    return [
        *(_held(way, host, {}) for way, host in product(INSTALLED, HOSTS)),
        _held("collection", "over_ssh", _PIPELINING),
    ]


def _held(way: str, host: str, settings: dict[str, str]) -> Run:
    name = "-".join(["held", way, host, *settings])
    return Run(name, f"{way}/held.yml", variables={"hosts": host}, settings=settings)


def careless() -> Run:
    return Run("careless", "collection/careless.yml")


def _everything() -> list[Run]:
    scans = [Run(f"scan-{way}", f"{way}/scan.yml", variables={"way": way}) for way in INSTALLED]
    return [
        *scans,
        Run("wrapped", "collection/wrapped.yml"),
        Run("role", "collection/role.yml"),
        Run("async", "drop_in/async.yml"),
    ]


def _verbosities() -> list[Run]:
    """Of the drop-in the lowest only: nothing of ours runs on the controller, Ansible hides its tasks."""
    return [
        *(_short(f"v{verbosity}", verbosity) for verbosity in range(4)),
        _short("v0", 0, way="drop_in"),
    ]


def _callbacks() -> list[Run]:
    """Those that own the output; the others listen to every run."""
    return [
        _short("pipelining", settings=_PIPELINING),
        _short("result_format", settings={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
        *(_short_through(callback) for callback in _CALLBACKS),
        _short_through("ansible.posix.json", "drop_in"),
    ]


def _short_through(callback: str, way: str = "collection") -> Run:
    return _short(callback, settings={"ANSIBLE_STDOUT_CALLBACK": callback}, way=way)


def _short(
    name: str,
    verbosity: int = 4,
    settings: dict[str, str] | None = None,
    way: str = "collection",
) -> Run:
    """Fails in the end, so that a retry file is written."""
    return Run(f"short-{way}-{name}", f"{way}/short.yml", verbosity, {}, settings or {}, status=2)


def _promises(core: Core) -> list[Run]:
    refuses = "no" if core.keeps_facts_out_of_the_cache else "yes"
    return [
        Run("cached", "collection/promises.yml", 4, {"cache": "cached", "refuses": refuses}),
        Run(
            "in_memory",
            "collection/promises.yml",
            4,
            {"cache": "in_memory", "refuses": "no"},
            {"ANSIBLE_CACHE_PLUGIN": "memory"},
        ),
        Run("broken", "collection/broken.yml", settings=_BROKEN),
        Run("broken-pipelining", "collection/broken.yml", settings=_BROKEN | _PIPELINING),
    ]
