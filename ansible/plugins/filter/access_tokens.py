# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role access_tokens reads from its accounts. No message of it holds a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

# An account that gives one of these has no use for the others in the defaults: names of one thing, and credentials.
ALTERNATIVES = (
    {"homeserver_url", "hs_url"},
    {
        "password",
        "login_token",
        "jwt",
        "as_token",
        "shared_secret",
        "admin_access_token",
        "mas_cli",
        "mas_client_id",
        "mas_client_secret",
    },
)
FIELDS = ("access_token", "user_id", "device_id", "homeserver_url")
VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")

Options = dict[str, Any]


def accounts(
    given: Sequence[Mapping[str, Any]],
    defaults: Mapping[str, Any],
    state: str,
    omit: object,
) -> list[Options]:
    """Each account with its name for messages, what is to become of it, and the options of the module."""
    return [
        account(number, options(one, defaults, omit), state)
        for number, one in enumerate(given, start=1)
    ]


def account(number: int, merged: Options, state: str) -> Options:
    own = merged.pop("state", "present")
    return {
        "name": merged.get("user_id", f"account {number}"),
        "state": "absent" if state == "absent" else own,
        "options": merged,
    }


def options(one: Mapping[str, Any], defaults: Mapping[str, Any], omit: object) -> Options:
    """An empty option counts as not given, as it does for the module."""
    own = without_empty(one, omit)
    overruled = {name for group in ALTERNATIVES if group & own.keys() for name in group}
    inherited = without_empty(defaults, omit)
    return {name: value for name, value in inherited.items() if name not in overruled} | own


def without_empty(given: Mapping[str, Any], omit: object) -> Options:
    return {
        name: value
        for name, value in given.items()
        if value is not None and value != "" and value != omit
    }


def mistakes(given: Sequence[Any], defaults: Any, state: str, omit: object) -> list[str]:
    """What would make two accounts end each other's session, or would come out only after a login."""
    facts = [one.get("facts") or {} for one in given if isinstance(one, Mapping)]
    if not all(isinstance(one, Mapping) for one in [*given, *facts, defaults]):
        return [
            "Each entry of `access_tokens_accounts`, the `facts` in it, and `access_tokens_defaults` must be dictionaries, not text."
        ]
    together = accounts(given, defaults, state, omit)
    present = [one["options"] for one in together if one["state"] == "present"]
    pairs = [pair for one in present for pair in (one.get("facts") or {}).items()]
    variables = [str(pair[0]) for pair in pairs]
    found = {
        "Two accounts have the same `session_file`, so each run would log one of them in and the other out. Give each a file of its own: ": repeated(
            one["options"]["session_file"] for one in together if "session_file" in one["options"]
        ),
        "Two accounts have the same user and the same `device_id`, so each login would end the other's session. Give each a `device_id` of its own: ": repeated(
            device(one["options"]) for one in together if "device_id" in one["options"]
        ),
        "`facts` has the names of variables on the left, made of letters, digits and underscores, not: ": [
            name for name in variables if not VARIABLE.match(name)
        ],
        f"`facts` has fields of the session on the right: {', '.join(FIELDS[:-1])} or {FIELDS[-1]}, not: ": [
            str(pair[1]) for pair in pairs if pair[1] not in FIELDS
        ],
        "Two accounts set the same variable, so only the last one's consumer would work: ": repeated(
            variables
        ),
    }
    return [text + ", ".join(values) for text, values in found.items() if values]


def device(one: Options) -> str:
    names = ("device_id", "homeserver_url", "hs_url", "user_id")
    return " ".join(str(one[name]) for name in names if name in one)


def repeated(values: Iterable[Any]) -> list[str]:
    texts = [str(value) for value in values]
    return [text for text in dict.fromkeys(texts) if texts.count(text) > 1]


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "access_tokens_accounts": accounts,
            "access_tokens_mistakes": mistakes,
        }
