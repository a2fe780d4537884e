# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that keeps another one inside, as those into jails and containers over ssh do."""

from __future__ import annotations

from typing import Any

from ansible.plugins.connection import ConnectionBase
from ansible.plugins.loader import connection_loader

DOCUMENTATION = """
name: wrapped_ssh
short_description: ssh, kept inside another connection
description: The one inside has the task's own play context, the outer one has a copy.
author: the matrix_access_token contributors
options:
  ssh_inside:
    description: The variables of the connection inside.
    type: dict
    required: true
    vars:
      - name: ssh_inside
"""


class Connection(ConnectionBase):
    transport = "wrapped_ssh"
    has_pipelining = False

    def __init__(self, play_context: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(play_context, *args, **kwargs)
        self.ssh = connection_loader.get("ssh", play_context, "/dev/null")

    def set_options(
        self, task_keys: Any = None, var_options: Any = None, direct: Any = None
    ) -> None:
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self.ssh.set_options(var_options=self.get_option("ssh_inside"))

    def _connect(self) -> Connection:
        self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: Any = None, sudoable: bool = True) -> Any:
        return self.ssh.exec_command(cmd, in_data=in_data, sudoable=False)

    def put_file(self, in_path: str, out_path: str) -> Any:
        return self.ssh.put_file(in_path, out_path)

    def fetch_file(self, in_path: str, out_path: str) -> Any:
        return self.ssh.fetch_file(in_path, out_path)

    def close(self) -> None:
        self._connected = False
