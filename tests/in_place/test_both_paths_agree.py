"""The binary and the playbook can't tell whether it was run in place or by Ansible's standard path."""

from dataclasses import dataclass
from typing import Any

import pytest

from ansible_cores import Core
from trial import Trial

# What the shell of the standard path sets.
_OF_THE_SHELL = ("PWD", "OLDPWD", "SHLVL", "_")


@dataclass(frozen=True)
class Both:
    in_place: Trial
    standard: Trial
    printed: str


@pytest.fixture(scope="session")
def both(core: Core, tmp_path_factory: pytest.TempPathFactory) -> Both:
    in_place = Trial(core, tmp_path_factory.mktemp(f"in_place-{core}"))
    standard = Trial(core, tmp_path_factory.mktemp(f"standard-{core}"), mode=0o644)
    printed = in_place.run()
    standard.run()
    return Both(in_place, standard, printed)


def _without_places(value: Any, trial: Trial) -> Any:
    """The two trials live in different folders; a traceback shows whose code failed."""
    if isinstance(value, dict):
        items = ((name, inner) for name, inner in value.items() if name != "exception")
        return {name: _without_places(inner, trial) for name, inner in items}
    if isinstance(value, list):
        return [_without_places(inner, trial) for inner in value]
    return value.replace(str(trial.root), "ROOT") if isinstance(value, str) else value


def _compared(trial: Trial) -> list[dict[str, Any]]:
    calls = [dict(call) for call in _without_places(trial.calls, trial)]
    for call in calls:
        del call["pid"], call["argv"], call["files"], call["arguments"]["_ansible_tmpdir"]
        for name in _OF_THE_SHELL:
            call["environment"].pop(name, None)
    return calls


def test_one_runs_in_place_and_the_other_does_not(both: Both) -> None:
    assert all(call["argv"] == ["-"] for call in both.in_place.calls)
    assert all(call["argv"][0].endswith("/args") for call in both.standard.calls)
    assert "/matrix_access_token -" in both.printed


def test_the_binary_sees_the_same(both: Both) -> None:
    calls = _compared(both.in_place)
    assert calls == _compared(both.standard)
    assert len(calls) >= 16


def test_the_playbook_sees_the_same(both: Both) -> None:
    results = _without_places(both.in_place.results, both.in_place)
    assert results == _without_places(both.standard.results, both.standard)


def test_values_arrive_as_plain_json(both: Both) -> None:
    arguments = both.in_place.calls[0]["arguments"]
    assert arguments["password"] == "hunter2"
    assert arguments["http_agent"] == "from module_defaults"
    assert arguments["client_key"] == {"a": {"b": ["hunter2", True]}}
    assert "device_display_name" not in arguments


def test_the_environment_arrives(both: Both) -> None:
    environments = [call["environment"] for call in both.in_place.calls]
    (environment,) = [each for each in environments if "https_proxy" in each]
    names = ("FROM_PLAY", "OVERRIDDEN", "https_proxy", "NUMBER", "QUOTED", "SECRET")
    expected = ["play", "task", "http://proxy:7", "5", "a 'b' $(echo c)", "hunter2"]
    assert [environment[name] for name in names] == expected


def test_what_the_binary_says_is_never_a_template(both: Both) -> None:
    values = both.in_place.results[0]
    assert values["msg"] == "{{ 1 + 1 }}"
    assert "lookup" in values["nested"][0]["text"]


def test_no_file_is_written_beside_the_binary(both: Both) -> None:
    assert {tuple(call["files"]) for call in both.in_place.calls} == {("matrix_access_token",)}
    assert not (both.in_place.root / "home/tmp/args").exists()
