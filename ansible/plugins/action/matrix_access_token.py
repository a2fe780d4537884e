# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns three things around the binary: the target's architecture, secrecy, and facts.

It must not know Matrix, nor any option but the two that decide what leaves the target: facts, return_token.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.compat.version import LooseVersion
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display

try:
    from ansible.plugins.action import VariableLayer
except ImportError:  # before ansible-core 2.21, a plugin can publish only facts that get cached
    VariableLayer = None

display = Display()

BINARY = "matrix_access_token"
BINARIES = Path(__file__).parents[1] / "modules" / "__bin"
DEFAULT_FACTS = {"matrix_access_token": "access_token"}
MACHINE_ALIASES = {"amd64": "x86_64", "arm64": "aarch64"}
MEMORY_CACHES = ("memory", "ansible.builtin.memory", "ansible.legacy.memory")
TELLS_WHAT_IS_HIDDEN = LooseVersion(ansible_version) >= LooseVersion("2.19")

# One worker process runs all items of a loop: each target is asked once.
platforms: dict[str, str] = {}


class ActionModule(ActionBase):
    # The temporary folder is made before anything is hidden, so that an unreachable host can say why.
    TRANSFERS_FILES = True
    # async_status would show the token: it returns the binary's result without passing here again.
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        # An item may hold a password, and Ansible shows the items of every task that isn't no_log.
        if self._task.loop is not None:
            self._task.no_log = True
        try:
            result = self._session(task_vars)
        except AnsibleError as error:
            if self._task.no_log:
                self._tell({"failed": True, "msg": str(error)}, task_vars)
            raise
        readable = result.get("failed") or result.get("skipped")
        result["_ansible_no_log"] = bool(self._task.no_log or not readable)
        if result["_ansible_no_log"]:
            self._tell(result, task_vars)
        return result

    def _session(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        wanted = self._wanted_facts()
        self._refuse_to_cache_the_token(wanted)
        super().run(task_vars=task_vars)
        module = self._module_for(self._platform(task_vars))
        with self._unlogged():
            result = self._execute_module(module_name=module, task_vars=task_vars)
        if "module_stdout" in result:  # it was not JSON
            return self._explain_broken_output(result)
        self._publish(result, wanted)
        return result

    # Architecture

    def _platform(self, task_vars: dict[str, Any]) -> str:
        """What `uname -sm` says on the target, with as few round trips as possible."""
        if self._connection.transport == "local":
            return f"{platform.system()} {platform.machine()}"
        facts = self._facts_of_target(task_vars)
        if "system" in facts and "architecture" in facts:
            return f"{facts['system']} {facts['architecture']}"
        target = self._task.delegate_to or task_vars["inventory_hostname"]
        if target not in platforms:
            platforms[target] = self._ask_platform()
        return platforms[target]

    def _facts_of_target(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        if self._task.delegate_to:
            task_vars = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        return task_vars.get("ansible_facts", {})

    def _ask_platform(self) -> str:
        answer = self._low_level_execute_command("uname -sm", sudoable=False)
        words = answer["stdout"].split()
        if answer["rc"] != 0 or len(words) < 2:
            raise AnsibleActionFail(
                "cannot tell the target's architecture: `uname -sm` does not work there. "
                "Run the task elsewhere, for example with `delegate_to: localhost`"
            )
        return " ".join(words[-2:])  # a login shell may greet first

    def _module_for(self, platform_name: str) -> str:
        system, machine = platform_name.split(maxsplit=1)
        folder = f"{system.lower()}_{MACHINE_ALIASES.get(machine, machine)}"
        shipped = sorted(path.parent.name for path in BINARIES.glob(f"*/{BINARY}"))
        if folder not in shipped:
            raise AnsibleActionFail(
                f"no binary for {platform_name} ({folder}); shipped here: {', '.join(shipped) or 'none'}. "
                "Run the task on a machine that has one, for example with `delegate_to: localhost`, "
                f"or build the binary and put it into {BINARIES / folder}"
            )
        return f"selfhosted.matrix.__bin.{folder}.{BINARY}"

    # Secrecy

    @contextmanager
    def _unlogged(self) -> Iterator[None]:
        """Nothing that the binary prints is shown, at any verbosity, over any connection."""
        holders = (
            self._task,  # the binary itself asks this one, and refuses to run
            self._connection._play_context,  # ssh asks this one before it prints at -vvv
            self._play_context,  # so does a connection plugin that another one keeps inside
        )
        before = [holder.no_log for holder in holders]
        for holder in holders:
            holder.no_log = True
        try:
            yield
        finally:
            for holder, no_log in zip(holders, before):
                holder.no_log = no_log

    def _explain_broken_output(self, result: dict[str, Any]) -> dict[str, Any]:
        """A result of our own: the output may hold the token, and Ansible would show it."""
        status = result.get("rc")
        folder = self._connection._shell.tmpdir
        output = f"{result.get('module_stdout')}{result.get('module_stderr')}"
        if status == 126 and "Permission denied" in output:
            msg = (
                f"the target does not execute programs in {folder}: that file system is mounted noexec, or a "
                "security policy forbids it. Set `ansible_remote_tmp` to a folder where programs may run "
                "(with an unprivileged become_user: `ansible_system_tmpdirs`)"
            )
        elif status == 126 and "Exec format error" in output:
            msg = (
                "the binary is not made for the target's processor. "
                "Are the gathered facts out of date, or is the binary in the wrong folder?"
            )
        elif status in (126, 127):
            msg = (
                f"the target's shell could not start the binary in {folder} (exit status {status})"
            )
        else:
            msg = (
                f"the binary ended without a result (exit status {status}), and what was printed is not "
                "shown, because it may hold a secret. See whether `ansible.builtin.ping` works with the same "
                "connection and become settings; if it does, this is a bug"
            )
        return {"failed": True, "msg": msg}

    def _tell(self, result: dict[str, Any], task_vars: dict[str, Any]) -> None:
        """What a hidden result takes along until ansible-core 2.18, though it holds no secret."""
        if TELLS_WHAT_IS_HIDDEN:
            return
        for warning in result.get("warnings", []):
            display.warning(warning)
        if result.get("failed"):
            display.error(f"{task_vars.get('inventory_hostname')}: {result.get('msg')}")

    # Facts

    def _wanted_facts(self) -> dict[str, Any]:
        facts = self._task.args.get("facts")
        if facts is None or facts == "":
            return DEFAULT_FACTS
        try:
            return check_type_dict(facts)
        except TypeError:  # the binary says what is wrong
            return {}

    def _refuse_to_cache_the_token(self, wanted: dict[str, Any]) -> None:
        if VariableLayer or C.CACHE_PLUGIN in MEMORY_CACHES:
            return
        if self._task.args.get("state") == "absent":  # publishes nothing
            return
        if "access_token" in wanted.values() and self._task.args.get("return_token") != "never":
            raise AnsibleActionFail(
                f"the fact cache ({C.CACHE_PLUGIN}) would keep the access token in the clear. "
                "Publish no such fact (`facts: {}`), `register` the result and use its `access_token` "
                "(or use ansible-core 2.21, where the fact stays out of the cache)"
            )

    def _publish(self, result: dict[str, Any], wanted: dict[str, Any]) -> None:
        """Only names that the task asks for: the target must not set variables of its own choice."""
        computed = result.pop("ansible_facts", {})
        facts = {name: value for name, value in computed.items() if name in wanted}
        if VariableLayer:
            # An empty layer for the cache: whatever the result still holds, none of it is stored.
            self.register_host_variables({}, VariableLayer.CACHEABLE_FACT)
            self.register_host_variables(facts, VariableLayer.EPHEMERAL_FACT)
        elif facts:
            result["ansible_facts"] = facts
