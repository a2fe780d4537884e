# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the facts that a task asks for, and where Ansible keeps them. Knows the options facts, state and return_token."""

from __future__ import annotations

from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.validation import check_type_dict
from ansible.plugins.action import ActionBase

try:
    from ansible.plugins.action import VariableLayer
except ImportError:  # before ansible-core 2.21, a plugin can publish only facts that get cached
    VariableLayer = None

DEFAULT = {"matrix_access_token": "access_token"}
MEMORY_CACHES = ("memory", "ansible.builtin.memory", "ansible.legacy.memory")


def wanted(args: dict[str, Any]) -> dict[str, Any]:
    facts = args.get("facts")
    if facts is None or facts == "":
        return DEFAULT
    try:
        return check_type_dict(facts)
    except TypeError:  # the binary says what is wrong
        return {}


def refuse_to_cache_the_token(args: dict[str, Any]) -> None:
    if VariableLayer or C.CACHE_PLUGIN in MEMORY_CACHES:
        return
    if args.get("state") == "absent":  # publishes nothing
        return
    if "access_token" in wanted(args).values() and args.get("return_token") != "never":
        raise AnsibleActionFail(
            f"the fact cache ({C.CACHE_PLUGIN}) would keep the access token in the clear. "
            "Publish no such fact (`facts: {}`), `register` the result and use its `access_token` "
            "(or use ansible-core 2.21, where the fact stays out of the cache)"
        )


def publish(action: ActionBase, result: dict[str, Any], names: dict[str, Any]) -> None:
    """Only names that the task asks for: the target must not set variables of its own choice."""
    computed = result.pop("ansible_facts", {})
    facts = {name: value for name, value in computed.items() if name in names}
    if VariableLayer:
        # An empty layer for the cache: whatever the result still holds, none of it is stored.
        action.register_host_variables({}, VariableLayer.CACHEABLE_FACT)
        action.register_host_variables(facts, VariableLayer.EPHEMERAL_FACT)
    elif facts:
        result["ansible_facts"] = facts
