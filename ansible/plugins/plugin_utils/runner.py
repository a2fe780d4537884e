# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns a run of the binary without temporary files on the managed node. Its subclasses say how the binary runs.

It is Ansible's own way of running a module, with the transfers left out, so that arguments and results are the same.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.text.converters import to_bytes
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import Binary


class Runner(ActionBase):
    """An action with the task and connection of another one."""

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

    def _low_level_execute_command(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Ansible's command line is for transferred files."""
        return self._run_binary()

    def _run_binary(self) -> dict[str, Any]:
        raise NotImplementedError

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
