"""The role serves every account, whatever happens to the others."""

import re
from pathlib import Path

import pytest

from ansible_cores import Core
from harness import Trial


@pytest.fixture(scope="module")
def trial(core: Core, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(core, tmp_path_factory.mktemp(f"role-{core}"))


@pytest.fixture(scope="module")
def printed(trial: Trial) -> str:
    return trial.run("accounts.yml")


def test_every_account_has_its_turn(trial: Trial, printed: str) -> None:
    users = [call["arguments"]["user_id"] for call in trial.calls]
    assert users == ["first", "second", "third", "fourth"]


def test_each_failure_is_shown_where_it_happens(printed: str) -> None:
    for user in ("first", "third"):
        task = re.split(r"TASK \[.*Session of " + user, printed)[1].split("TASK [")[0]
        assert "fatal: [host]: FAILED!" in task


def test_the_role_names_the_accounts_that_failed_and_takes_no_message_for_a_template(
    trial: Trial, printed: str
) -> None:
    message = trial.results["failure"]["msg"]
    assert "2 of 4" in message
    assert message.endswith("first: {{ 1 + 1 }}; third: {{ 1 + 1 }}")
    assert trial.results["again"] == ["first: {{ 1 + 1 }}", "third: {{ 1 + 1 }}"]
