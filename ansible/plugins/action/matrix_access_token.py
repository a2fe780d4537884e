# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the order of things around the binary: whether it may run, which one and where, what is hidden, what becomes a fact.

It must not know Matrix, nor any option: what it does to each of these lives in plugin_utils.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.matrix.plugins.plugin_utils import (
    facts,
    in_one_go,
    in_place,
    secrecy,
)
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import Binary, binary_for
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.in_one_go import InOneGo, NotStarted
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.in_place import InPlace
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.target import platform_of_target
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.without_copies import WithoutCopies


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
                secrecy.tell_what_is_hidden({"failed": True, "msg": str(error)}, host)
            raise
        readable = result.get("failed") or result.get("skipped")
        result["_ansible_no_log"] = bool(self._task.no_log or not readable)
        if result["_ansible_no_log"]:
            secrecy.tell_what_is_hidden(result, host)
        return result

    def _session(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        secrecy.refuse_async(self)
        names = facts.wanted(self._task.args)
        facts.refuse_to_cache_the_token(names)
        facts.warn_of_facts_that_are_no_variables(names)
        super().run(task_vars=task_vars)
        result = self._run_binary(task_vars)
        facts.publish(self, result, names)
        return result

    def _run_binary(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        binary = binary_for(platform_of_target(self, task_vars))
        if in_place.is_possible(self, binary):
            return self._run_without_copies(InPlace(self, binary), task_vars)
        if in_one_go.is_possible(self, binary):
            try:
                return self._run_without_copies(InOneGo(self, binary), task_vars)
            except AnsibleConnectionFailure:
                # What it says is hidden; this says it again, or shows that the binary may have run.
                self._low_level_execute_command("true", sudoable=False)
                raise
            except NotStarted:
                pass
        return self._run_copy(binary, task_vars)

    def _run_without_copies(
        self, runner: WithoutCopies, task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        with secrecy.unlogged(self):
            result = runner.run(task_vars=task_vars)
        return secrecy.without_broken_output(result, "a temporary folder")

    def _run_copy(self, binary: Binary, task_vars: dict[str, Any]) -> dict[str, Any]:
        # Made before anything is hidden, so that an unreachable host can say why.
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        with secrecy.unlogged(self):
            result = self._execute_module(module_name=binary.module, task_vars=task_vars)
        return secrecy.without_broken_output(result, folder)
