"""What is promised under Mitogen's strategy, on each version of ansible-core, with the real binary and a real homeserver."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from ansible_cores import Core, wanted
from playing import OTHER_USER, Controller
from running import Homeserver
from search import Leak, in_folder, in_text, summary
from secret_texts import SecretText, handed_out

_TAKEN_OVER = ("here", "here_as_other", "over_ssh", "over_ssh_as_other")
_LEFT_ALONE = ("here_by_full_name", "over_ssh_by_full_name")
_TASKS = 8
# A new session, one on each of two devices, one refused, one from the controller.
_LOGINS = 5


@dataclass(frozen=True)
class Kind:
    """As what the module is run, and where."""

    way: str
    hosts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.way}-{'left_alone' if self.hosts == _LEFT_ALONE else 'taken_over'}"


_KINDS = (
    Kind("collection", _TAKEN_OVER),
    Kind("drop_in", _TAKEN_OVER),
    Kind("collection", _LEFT_ALONE),
)


@dataclass(frozen=True)
class Run:
    """One that has ended, and what came of it."""

    kind: Kind
    printed: str
    logins: int
    leaks: list[Leak]
    used_tmp: bool
    left_in_tmp: list[Path]
    owners: dict[str, str]


@pytest.fixture(scope="module", params=wanted(), ids=str)
def core(request: pytest.FixtureRequest) -> Core:
    chosen: Core = request.param
    return chosen


@pytest.fixture(scope="module", params=_KINDS, ids=str)
def run(
    core: Core,
    request: pytest.FixtureRequest,
    controller: Controller,
    homeserver: Homeserver,
    passwords: dict[str, SecretText],
) -> Run:
    kind: Kind = request.param
    sessions = controller.sessions / f"{core}-{kind}"
    sessions.mkdir()
    sessions.chmod(0o1777)
    variables = {name: secret.value for name, secret in passwords.items()} | {
        "homeserver_url": homeserver.url,
        "sessions": str(sessions),
    }
    logins, touched = homeserver.logins, controller.tmp.stat().st_mtime_ns
    printed = controller.play(core, kind.way, kind.hosts, variables)
    secrets = [*passwords.values(), *_tokens(sessions)]
    return Run(
        kind,
        printed,
        homeserver.logins - logins,
        list(_leaks(controller, printed, secrets)),
        controller.tmp.stat().st_mtime_ns > touched,
        list(controller.tmp.iterdir()),
        {file.stem: file.owner() for file in sessions.glob("*.json")},
    )


def _tokens(sessions: Path) -> Iterator[SecretText]:
    for file in sessions.glob("*.json"):
        yield handed_out(f"token of {file.stem}", json.loads(file.read_text())["access_token"])


def _leaks(controller: Controller, printed: str, secrets: list[SecretText]) -> Iterator[Leak]:
    allowed = [controller.variables, *controller.sessions.rglob("*.json")]
    yield from chain(
        in_text("output", printed.encode(), secrets),
        in_folder(controller.root, secrets, allowed),
    )


def test_every_task_does_what_it_does_elsewhere(run: Run) -> None:
    passed = re.findall(rf"^(\w+) +: ok={_TASKS} .* unreachable=0 +failed=0 ", run.printed, re.M)
    assert sorted(passed) == sorted(run.kind.hosts), run.printed


def test_mitogen_reaches_the_hosts_that_it_takes_over(run: Run) -> None:
    """In its own way. On the others the plugin takes its short cuts: nothing is copied."""
    executed = re.findall(r"^<\S+> (?:SSH: )?EXEC (\S+)", run.printed, re.M)
    own = {"matrix_access_token", "ssh"} if run.kind.hosts == _LEFT_ALONE else set()
    assert {Path(program).name for program in executed} == own
    assert not re.search(r"^<\S+> PUT ", run.printed, re.M)


def test_no_secret_is_printed_or_left_behind(run: Run) -> None:
    assert not run.leaks, f"\n{summary(run.leaks)}"
    assert not re.search(r"syt_\w{3}", run.printed)


def test_nothing_stays_in_the_temporary_folder(run: Run) -> None:
    assert run.used_tmp
    assert not run.left_in_tmp


def test_each_login_is_made_once(run: Run) -> None:
    assert run.logins == _LOGINS * len(run.kind.hosts)


def test_session_files_belong_to_the_user_whom_the_task_becomes(run: Run) -> None:
    others = {host for host, owner in run.owners.items() if owner == OTHER_USER}
    assert set(run.owners) == set(run.kind.hosts)
    assert others == {host for host in run.kind.hosts if host.endswith("_as_other")}
