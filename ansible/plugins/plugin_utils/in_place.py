# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the run of a binary where it is packed: no temporary folder, no copies, the arguments on standard input.

Ansible's own way of running a module is kept, only that its ways to the target lead nowhere: so what goes in and comes out is the same.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import Binary

display = Display()


def is_possible(action: ActionBase, binary: Binary) -> bool:
    """Only for the user who runs Ansible: another one may have no way to the collection."""
    is_here = action._connection.ansible_name == "ansible.builtin.local"
    return is_here and not action._connection.become and binary.is_executable


class InPlace(ActionBase):
    """Stands in for the action that it is made of."""

    def __init__(self, action: ActionBase, binary: Binary) -> None:
        super().__init__(
            task=action._task,
            connection=action._connection,
            play_context=action._play_context,
            loader=action._loader,
            templar=action._templar,
            shared_loader_obj=action._shared_loader_obj,
        )
        self._binary = binary
        self._arguments = b""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return self._execute_module(module_name=self._binary.module, task_vars=task_vars)
        finally:
            self._connection._shell.tmpdir = None

    def _make_tmp_path(self, remote_user: str | None = None) -> str:
        folder = str(self._binary.path.parent)
        self._connection._shell.tmpdir = folder
        return folder

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        return remote_path

    def _transfer_data(self, remote_path: str, data: str | bytes) -> str:
        """The arguments come last; before them some versions of ansible-core transfer the binary in this way."""
        self._arguments = to_bytes(data)
        return remote_path

    def _fixup_perms2(self, remote_paths: list[str], *_: Any, **__: Any) -> list[str]:
        return remote_paths

    def _low_level_execute_command(self, *_: Any, **__: Any) -> dict[str, Any]:
        """The command line that Ansible made is for a shell and for copies. Whatever interrupts this ends the binary, too."""
        command = [str(self._binary.path), "-"]
        display.vvv(f"EXEC {' '.join(command)}", host=self._play_context.remote_addr)
        try:
            ended = subprocess.run(
                command,
                input=self._arguments,
                capture_output=True,
                check=False,
                cwd=self._loader.get_basedir(),
                env=os.environ | self._environment(),
            )
        except OSError as error:
            raise AnsibleActionFail(f"cannot run {command[0]}: {error.strerror}") from error
        return {
            "rc": ended.returncode if ended.returncode >= 0 else 128 - ended.returncode,
            "stdout": to_text(ended.stdout, errors="surrogate_then_replace"),
            "stderr": to_text(ended.stderr, errors="surrogate_then_replace"),
        }

    def _environment(self) -> dict[str, str]:
        environment: dict[Any, Any] = {}
        self._compute_environment_string(environment)
        return {str(name): str(value) for name, value in environment.items()}
