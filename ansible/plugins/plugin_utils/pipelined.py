# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the run of a binary over ssh in one execution, where pipelining is on: binary and arguments go to standard input.

pipelined.sh is what the managed node runs. Its temporary folder exists only while it runs. If that fails, the binary is not started.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from string import Template
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import NAME, Binary
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.runner import Runner

NOT_STARTED = 97
SHELLS = ("sh", "bash", "dash")  # what the script is tested with

SCRIPT = Path(__file__).with_suffix(".sh")


class NotStarted(Exception):
    """The script failed before the binary; Ansible's standard path reports why."""


def is_possible(action: ActionBase, binary: Binary) -> bool:
    """Where Ansible itself would do so with a module in Python."""
    if action._connection.ansible_name != "ansible.builtin.ssh":
        return False
    # Sent again after a lost connection, it would log in again; the standard path's file of arguments is gone by then.
    if action._connection.get_option("reconnection_retries"):
        return False
    reads_script = PurePosixPath(action._play_context.executable or "").name in SHELLS
    return reads_script and action._is_pipelining_enabled("new")


def command_line(**values: str | int) -> str:
    """The script with these values, on one line and without comments."""
    lines = (line.strip() for line in SCRIPT.read_text(encoding="utf-8").splitlines())
    script = " ".join(line for line in lines if line and not line.startswith("#"))
    return Template(script).safe_substitute(values, NAME=NAME, NOT_STARTED=NOT_STARTED)


class PipelinedRunner(Runner):
    def _run_binary(self) -> dict[str, Any]:
        content = self._binary.path.read_bytes()
        command = command_line(
            REMOTE_TMP=self._remote_tmp(),
            FOLDER=self._connection._shell._generate_temp_dir_name(),
            SIZE=len(content),
            ENVIRONMENT=self._compute_environment_string(),
        )
        sent = self._arguments + b"\n" + content
        result = ActionBase._low_level_execute_command(self, command, in_data=sent)
        if result["rc"] == NOT_STARTED:
            raise NotStarted
        return result

    def _remote_tmp(self) -> str:
        """Not in a home if the user changes: whose it is then depends on how, and the other one could not use it any more."""
        if self._connection.become:
            folders: list[str] = self.get_shell_option("system_tmpdirs", default=["/var/tmp"])
            return folders[0]
        return str(self.get_shell_option("remote_tmp", default="~/.ansible/tmp"))
