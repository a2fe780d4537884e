# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the facts of a task, where Ansible keeps them, and whether they become variables. Knows the options facts, state and return_token."""

from __future__ import annotations

from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.validation import check_type_dict
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

try:
    from ansible.plugins.action import VariableLayer
except ImportError:  # before ansible-core 2.21, a plugin can publish only facts that get cached
    VariableLayer = None

display = Display()

DEFAULT = {"matrix_access_token": "access_token"}
MEMORY_CACHES = ("memory", "ansible.builtin.memory", "ansible.legacy.memory")


def wanted(args: dict[str, Any]) -> dict[str, Any]:
    """The facts that the task can set: names, each with its field of the session."""
    if args.get("state") == "absent":
        return {}
    kept_back = "access_token" if args.get("return_token") == "never" else None
    return {str(name): field for name, field in _asked(args).items() if field != kept_back}


def _asked(args: dict[str, Any]) -> dict[str, Any]:
    facts = args.get("facts")
    if facts is None or facts == "":
        return DEFAULT
    try:
        return check_type_dict(facts)
    except TypeError:  # the binary says what is wrong
        return {}


def refuse_to_cache_the_token(names: dict[str, Any]) -> None:
    if VariableLayer or C.CACHE_PLUGIN in MEMORY_CACHES:
        return
    if "access_token" in names.values():
        raise AnsibleActionFail(
            f"the fact cache ({C.CACHE_PLUGIN}) would store the access token unencrypted: "
            "set `facts: {}`, `register` the result and use its `access_token`, "
            "or use ansible-core 2.21, which does not cache the fact"
        )


def warn_of_facts_that_are_no_variables(names: dict[str, Any]) -> None:
    """Not an error: a task that registers the result may not need them."""
    if names and not VariableLayer and not C.INJECT_FACTS_AS_VARS:
        display.warning(
            f"these facts do not become variables, because inject_facts_as_vars is off: {', '.join(names)}; "
            "set `facts: {}`, `register` the result and use `ansible.builtin.set_fact`, or use the role "
            "selfhosted.matrix.access_tokens; `ansible_facts['name']` works only until ansible-core 2.20"
        )


def publish(action: ActionBase, result: dict[str, Any], names: dict[str, Any]) -> None:
    """Only names in the task: the managed node must not set other variables."""
    computed = result.pop("ansible_facts", {})
    facts = {name: value for name, value in computed.items() if name in names}
    if VariableLayer:
        # An empty layer for the cache: whatever the result still holds, none of it is stored.
        action.register_host_variables({}, VariableLayer.CACHEABLE_FACT)
        action.register_host_variables(facts, VariableLayer.EPHEMERAL_FACT)
    elif facts:
        result["ansible_facts"] = facts
