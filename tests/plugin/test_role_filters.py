"""What the role reads from its accounts, before Ansible and a homeserver come into it."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[2] / "ansible/plugins/filter/access_tokens.py"
SPEC = importlib.util.spec_from_file_location("access_tokens", FILE)
assert SPEC and SPEC.loader
access_tokens = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(access_tokens)

OMIT = object()
BOT = {"user_id": "@bot:hs.test", "password": "pw-LEAK"}


def accounts(*given: Any, state: str = "present", **defaults: Any) -> Any:
    return access_tokens.accounts(given, defaults, state, OMIT)


def mistakes(*given: Any, state: str = "present", defaults: Any = {}) -> list[str]:
    found: list[str] = access_tokens.mistakes(given, defaults, state, OMIT)
    assert "LEAK" not in repr(found)
    return found


def test_an_account_has_a_name_a_state_and_the_options_of_the_module() -> None:
    assert accounts(BOT, {"jwt": "j"}, {"user_id": "a", "state": "absent"}) == [
        {"name": "@bot:hs.test", "state": "present", "options": BOT},
        {"name": "account 2", "state": "present", "options": {"jwt": "j"}},
        {"name": "a", "state": "absent", "options": {"user_id": "a"}},
    ]
    assert accounts(BOT, state="absent")[0]["state"] == "absent"


def test_what_is_omitted_or_empty_is_not_given_and_false_is() -> None:
    one = {"device_id": OMIT, "user_id": "", "jwt": None, "validate_certs": False}
    (account,) = accounts(one, device_id="BOT", timeout=0)
    assert account["options"] == {
        "device_id": "BOT",
        "timeout": 0,
        "validate_certs": False,
    }


@pytest.mark.parametrize(
    ("own", "inherited", "left"),
    [
        ({"jwt": "j"}, {"password": "p", "timeout": 5}, {"jwt": "j", "timeout": 5}),
        ({"mas_cli": ["x"]}, {"mas_client_id": "i", "mas_client_secret": "s"}, {"mas_cli": ["x"]}),
        ({"hs_url": "h"}, {"homeserver_url": "g"}, {"hs_url": "h"}),
        ({"password": OMIT}, {"password": "p"}, {"password": "p"}),
    ],
)
def test_an_account_overrules_the_alternatives_in_the_defaults(
    own: dict[str, Any], inherited: dict[str, Any], left: dict[str, Any]
) -> None:
    assert accounts(own, **inherited)[0]["options"] == left


def test_accounts_that_fit_together_have_no_mistakes() -> None:
    facts = {"bot_token": "access_token", "bot_device": "device_id"}
    first = BOT | {"session_file": "/a", "device_id": "A", "facts": facts}
    second = BOT | {"session_file": "/A", "device_id": "B", "facts": None}
    assert mistakes(first, second) == []


@pytest.mark.parametrize(
    ("given", "end"),
    [
        (["user_id=bot"], "must be dictionaries, not text."),
        ([BOT | {"facts": "token=access_token"}], "must be dictionaries, not text."),
        ([BOT | {"session_file": "/a"}] * 2, "a file of its own: /a"),
        ([BOT | {"device_id": "A"}] * 2, "of its own: A @bot:hs.test"),
        ([BOT | {"facts": {"to-ken": "user_id"}}], "underscores, not: to-ken"),
        ([BOT | {"facts": {"x": "password"}}], "or homeserver_url, not: password"),
        ([BOT | {"facts": {"x": "user_id"}}] * 2, "consumer would work: x"),
    ],
)
def test_a_mistake_is_named(given: list[Any], end: str) -> None:
    (mistake,) = mistakes(*given)
    assert mistake.endswith(end)


def test_facts_of_a_session_that_is_revoked_are_not_looked_at() -> None:
    assert mistakes(BOT | {"facts": {"to-ken": "x"}}, state="absent") == []


def test_defaults_that_are_no_dictionary_are_a_mistake() -> None:
    assert len(mistakes(BOT, defaults="timeout=5")) == 1
