"""The binary and the playbook can't tell whether it was run in place or by Ansible's standard path."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_cores import Core
from sshd import Sshd
from harness import Trial, over_ssh

# What the shells on the way set, and ssh.
_OF_THE_WAY = ("PWD", "OLDPWD", "SHLVL", "_", "TERM", "SUDO_COMMAND")
_BECOME = {"ansible_become": True, "ansible_become_method": "ansible.builtin.sudo"}


@dataclass(frozen=True)
class Both:
    spared: Trial
    standard: Trial
    printed: str


@pytest.fixture(scope="session", params=["local", "over_ssh", "become"])
def both(
    core: Core,
    request: pytest.FixtureRequest,
    sshd: Sshd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Both:
    def folder(name: str) -> Path:
        return tmp_path_factory.mktemp(f"{name}-{core}")

    if request.param == "local":
        spared, standard = Trial(core, folder("spared")), Trial(core, folder("copied"), mode=0o644)
    else:
        host = over_ssh(sshd) | (_BECOME if request.param == "become" else {})
        settings = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "1"}
        pipelining = settings | {"ANSIBLE_PIPELINING": "1"}
        spared = Trial(core, folder("spared"), host=host, settings=pipelining)
        standard = Trial(core, folder("copied"), host=host, settings=settings)
    printed = spared.run()
    standard.run()
    return Both(spared, standard, printed)


def _without_places(value: Any, trial: Trial) -> Any:
    """The two trials live in different folders; a traceback shows whose code failed."""
    if isinstance(value, dict):
        items = ((name, inner) for name, inner in value.items() if name != "exception")
        return {name: _without_places(inner, trial) for name, inner in items}
    if isinstance(value, list):
        return [_without_places(inner, trial) for inner in value]
    return value.replace(str(trial.root), "ROOT") if isinstance(value, str) else value


def _is_of_the_way(variable: str) -> bool:
    # The results of Trial's own settings are the arguments, which are compared.
    return variable in _OF_THE_WAY or variable.startswith(("SSH_", "ANSIBLE_"))


def _compared(trial: Trial) -> list[dict[str, Any]]:
    calls = [dict(call) for call in _without_places(trial.calls, trial)]
    for call in calls:
        for name in ("pid", "argv", "place", "files"):
            del call[name]
        del call["arguments"]["_ansible_tmpdir"]
        for name in [name for name in call["environment"] if _is_of_the_way(name)]:
            del call["environment"][name]
    return calls


def test_one_does_without_a_file_of_arguments(both: Both) -> None:
    assert all(call["argv"] == ["-"] for call in both.spared.calls)
    assert all(call["argv"][0].endswith("/args") for call in both.standard.calls)
    assert "/matrix_access_token" in both.printed


def test_the_binary_sees_the_same(both: Both) -> None:
    calls = _compared(both.spared)
    assert calls == _compared(both.standard)
    assert len(calls) >= 16


def test_the_playbook_sees_the_same(both: Both) -> None:
    results = _without_places(both.spared.results, both.spared)
    assert results == _without_places(both.standard.results, both.standard)


def test_values_arrive_as_plain_json(both: Both) -> None:
    arguments = both.spared.calls[0]["arguments"]
    assert arguments["password"] == "hunter2"
    assert arguments["http_agent"] == "from module_defaults"
    assert arguments["client_key"] == {"a": {"b": ["hunter2", True]}}
    assert "device_display_name" not in arguments


def test_the_environment_arrives(both: Both) -> None:
    environments = [call["environment"] for call in both.spared.calls]
    (environment,) = [each for each in environments if "https_proxy" in each]
    names = ("FROM_PLAY", "OVERRIDDEN", "https_proxy", "NUMBER", "QUOTED", "SECRET")
    expected = ["play", "task", "http://proxy:7", "5", "a 'b' $(echo c)", "hunter2"]
    assert [environment[name] for name in names] == expected


def test_what_the_binary_says_is_never_a_template(both: Both) -> None:
    values = both.spared.results[0]
    assert values["msg"] == "{{ 1 + 1 }}"
    assert "lookup" in values["nested"][0]["text"]


def test_the_binary_is_alone_in_its_folder(both: Both) -> None:
    assert {tuple(call["files"]) for call in both.spared.calls} == {("matrix_access_token",)}


def test_nothing_stays_in_the_temporary_folder(both: Both, sshd: Sshd) -> None:
    assert not list(sshd.home.glob(".ansible/tmp/*"))
    places = {call["place"] for call in both.spared.calls if "/__bin/" not in call["place"]}
    assert not any(Path(place).exists() for place in places)
