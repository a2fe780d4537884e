# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the run of a binary where the collection is installed, with the arguments on standard input."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.binaries import Binary
from ansible_collections.selfhosted.matrix.plugins.plugin_utils.runner import Runner

display = Display()


def is_possible(action: ActionBase, binary: Binary) -> bool:
    """Only without `become`: another user may not be able to read the collection."""
    is_here = action._connection.ansible_name == "ansible.builtin.local"
    return is_here and not action._connection.become and binary.is_executable


class LocalRunner(Runner):
    def _run_binary(self) -> dict[str, Any]:
        """An interrupt ends the binary, too."""
        command = [str(self._binary.path), "-"]
        display.vvv(f"EXEC {' '.join(command)}", host=self._play_context.remote_addr)
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._loader.get_basedir(),
                env=os.environ | self._environment(),
            )
        except OSError as error:
            raise AnsibleActionFail(f"cannot run {command[0]}: {error.strerror}") from error
        with process:
            try:
                stdout, stderr = process.communicate(self._arguments)
            except BaseException:
                # Unlike a kill, this lets it end what it runs itself.
                process.terminate()
                raise
        return {
            "rc": process.returncode if process.returncode >= 0 else 128 - process.returncode,
            "stdout": to_text(stdout, errors="surrogate_then_replace"),
            "stderr": to_text(stderr, errors="surrogate_then_replace"),
        }

    def _environment(self) -> dict[str, str]:
        environment: dict[Any, Any] = {}
        self._compute_environment_string(environment)
        return {str(name): str(value) for name, value in environment.items()}
