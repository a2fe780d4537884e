# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the run of a binary over ssh in one execution, where pipelining is on: binary and arguments come on standard input.

What it needs on the target is there only while it runs. If anything is in the way, the binary is not started.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import NAME, Binary
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.without_copies import WithoutCopies

NOT_STARTED = 97
SHELLS = ("sh", "bash", "dash")  # what the script is tested with

# On one line, without single quotes and exclamation marks: login shells of all kinds read it first. What was not read of standard
# input would look like a broken connection. `printf` is asked for, because a program of that name would show its arguments.
# So would a shell that exports or traces all that it does.
SCRIPT = (
    "set +ax; umask 77; unset a; IFS= read -r a; d=$(echo {remote_tmp})/{folder}; "
    'trap "rm -f -r \\"\\$d\\"" EXIT; trap "exit 129" HUP; trap "exit 130" INT; '
    'trap "exit 141" PIPE; trap "exit 143" TERM; '
    '[ "$(command -v printf)" = printf ] && mkdir -p "${{d%/*}}" && mkdir "$d" && cat > "$d/{name}" '
    '&& [ "$(wc -c < "$d/{name}")" -eq {size} ] && chmod 700 "$d/{name}" && "$d/{name}" --version > /dev/null '
    "|| {{ cat > /dev/null; exit {not_started}; }}; "
    'printf "%s\\n" "$a" | {environment} "$d/{name}" -'
)


class NotStarted(Exception):
    """Something is in the way, and Ansible's standard path may know what."""


def is_possible(action: ActionBase, binary: Binary) -> bool:
    """Where Ansible itself would do so with a module in Python."""
    if action._connection.ansible_name != "ansible.builtin.ssh":
        return False
    # Sent again after a lost connection, it would log in again; the standard path's file of arguments is gone by then.
    if action._connection.get_option("reconnection_retries"):
        return False
    reads_script = PurePosixPath(action._play_context.executable or "").name in SHELLS
    return reads_script and action._is_pipelining_enabled("new")


class InOneGo(WithoutCopies):
    def _run_binary(self) -> dict[str, Any]:
        content = self._binary.path.read_bytes()
        command = SCRIPT.format(
            remote_tmp=self._remote_tmp(),
            folder=self._connection._shell._generate_temp_dir_name(),
            name=NAME,
            size=len(content),
            environment=self._compute_environment_string(),
            not_started=NOT_STARTED,
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
