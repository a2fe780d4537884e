"""What a task publishes is a variable, or there is a warning that it isn't."""

from pathlib import Path

import pytest

from ansible_cores import Core
from harness import Trial

_SETTING = "ANSIBLE_INJECT_FACT_VARS"
_WARNING = "[WARNING]: these facts do not become variables"


def _printed(trial: Trial) -> str:
    """On lines as long as they are."""
    return " ".join(trial.run("facts.yml").split())


@pytest.mark.parametrize("settings", [{}, {_SETTING: "True"}], ids=["by_default", "on_demand"])
def test_a_fact_becomes_a_variable(core: Core, tmp_path: Path, settings: dict[str, str]) -> None:
    trial = Trial(core, tmp_path, settings=settings)
    printed = _printed(trial)
    assert trial.results["variable"] == "the token"
    assert _WARNING not in printed
    deprecated = str(core) == "2.20" and not settings
    assert ("INJECT_FACTS_AS_VARS default to `True` is deprecated" in printed) == deprecated


def test_a_fact_that_becomes_no_variable_is_told_before_the_binary_runs(
    core: Core, tmp_path: Path
) -> None:
    trial = Trial(core, tmp_path, settings={_SETTING: "False"})
    before, _, after = _printed(trial).partition("TASK [Publish the token]")
    assert _WARNING not in before
    if core.keeps_facts_out_of_the_cache:
        assert trial.results == {"variable": "the token", "fact": ""}
        assert _WARNING not in after
    else:
        assert trial.results == {"variable": "", "fact": "the token"}
        warning = after.split(_WARNING)[1].split("[WARNING]: a warning")[0]
        assert "off: matrix_access_token;" in warning
        assert "`register` the result" in warning
