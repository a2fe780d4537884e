# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns how to find out the platform of the host that runs the task, as `uname -sm` prints it, with as few round trips as possible."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import (
    platform_of_control_node,
)

# One worker process runs all items of a loop, so each host is asked once.
_asked: dict[str, str] = {}


def platform_of_host(action: ActionBase, task_vars: dict[str, Any]) -> str:
    if action._connection.transport == "local":
        return platform_of_control_node()
    target = action._task.delegate_to or task_vars["inventory_hostname"]
    facts = _facts(action._task.delegate_to, task_vars)
    if "system" in facts and "architecture" in facts:
        return f"{facts['system']} {facts['architecture']}"
    if target not in _asked:
        _asked[target] = _ask(action, task_vars)
    return _asked[target]


def _facts(delegate_to: str | None, task_vars: dict[str, Any]) -> dict[str, Any]:
    if delegate_to:
        task_vars = task_vars.get("ansible_delegated_vars", {}).get(delegate_to, {})
    return task_vars.get("ansible_facts", {})


def _ask(action: ActionBase, task_vars: dict[str, Any]) -> str:
    answer = action._low_level_execute_command("uname -sm", sudoable=False)
    words = answer["stdout"].split()
    if answer["rc"] == 0 and len(words) >= 2:
        return " ".join(words[-2:])  # a login shell may greet first
    # Mitogen asks as the user whom the task becomes, whose shell may refuse all commands. Python is there, then.
    facts = _gather(action, task_vars) if action._connection.become else {}
    if "ansible_system" in facts and "ansible_architecture" in facts:
        return f"{facts['ansible_system']} {facts['ansible_architecture']}"
    raise AnsibleActionFail(
        "cannot find out the architecture of the host, because `uname -sm` does not work there: "
        "run the task on another host, for example with `delegate_to: localhost`"
    )


def _gather(action: ActionBase, task_vars: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = action._execute_module(
        module_name="ansible.legacy.setup",
        module_args={"gather_subset": ["!all", "!min", "platform"]},
        task_vars=task_vars,
    )
    return result.get("ansible_facts", {})
