# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the order of steps around the binary: whether it may run, which one and where, what is hidden, what becomes a fact.

Knows neither Matrix nor any option; the steps are in plugin_utils.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.matrix.plugins.plugin_utils import (
    facts,
    local,
    no_log,
    pipelined,
)
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import Binary, binary_for
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.local import LocalRunner
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.pipelined import (
    NotStarted,
    PipelinedRunner,
)
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.uname import (
    platform_of_host,
)
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.runner import Runner


class ActionModule(ActionBase):
    # async_status would show the token: it returns the binary's result without passing here again.
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        # An item may hold a password, and Ansible shows the items of every task that isn't no_log.
        if self._task.loop is not None:
            self._task.no_log = True
        host = task_vars.get("inventory_hostname", "")
        try:
            result = self._session(task_vars)
        except AnsibleError as error:
            if self._task.no_log:
                no_log.show_messages({"failed": True, "msg": str(error)}, host)
            raise
        readable = result.get("failed") or result.get("skipped")
        result["_ansible_no_log"] = bool(self._task.no_log or not readable)
        if result["_ansible_no_log"]:
            no_log.show_messages(result, host)
        return result

    def _session(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        no_log.refuse_async(self)
        names = facts.wanted(self._task.args)
        facts.refuse_to_cache_the_token(names)
        facts.warn_of_facts_that_are_no_variables(names)
        super().run(task_vars=task_vars)
        result = self._run_binary(task_vars)
        facts.publish(self, result, names)
        return result

    def _run_binary(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        binary = binary_for(platform_of_host(self, task_vars))
        if local.is_possible(self, binary):
            return self._run_by(LocalRunner(self, binary), task_vars)
        if pipelined.is_possible(self, binary):
            try:
                return self._run_by(PipelinedRunner(self, binary), task_vars)
            except AnsibleConnectionFailure:
                # Its message is hidden. This shows it again, or shows that the binary may have run.
                self._low_level_execute_command("true", sudoable=False)
                raise
            except NotStarted:
                pass
        return self._run_copy(binary, task_vars)

    def _run_by(self, runner: Runner, task_vars: dict[str, Any]) -> dict[str, Any]:
        with no_log.force_no_log(self):
            result = runner.run(task_vars=task_vars)
        return no_log.hide_invalid_output(result, "a temporary folder")

    def _run_copy(self, binary: Binary, task_vars: dict[str, Any]) -> dict[str, Any]:
        # Made before anything is hidden, so that an unreachable host can say why.
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        with no_log.force_no_log(self):
            result = self._execute_module(module_name=binary.module, task_vars=task_vars)
        return no_log.hide_invalid_output(result, folder)
