# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns the binaries of the collection: where they are, and which one is for a platform, as `uname -sm` prints it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

from ansible.errors import AnsibleActionFail

NAME = "matrix_access_token"
FOLDER = Path(__file__).parents[1] / "modules" / "__bin"
ALIASES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",  # a 64-bit processor that a 32-bit system runs on
}


class Binary(NamedTuple):
    """One of the collection."""

    path: Path
    module: str

    @property
    def is_executable(self) -> bool:
        """False also on a file system that is mounted noexec."""
        return os.access(self.path, os.X_OK)


def platform_of_control_node() -> str:
    return f"{platform.system()} {platform.machine()}"


def binary_for(host: str) -> Binary:
    folder = _folder_for(host)
    path = FOLDER / folder / NAME
    if not path.is_file():
        raise AnsibleActionFail(
            f"no binary for {host} ({folder}), the collection has: {', '.join(_shipped()) or 'none'}; "
            f"run the task {_elsewhere()}{_or_build(folder)}"
        )
    return Binary(path, f"selfhosted.matrix.__bin.{folder}.{NAME}")


def _folder_for(host: str) -> str:
    system, machine = host.split(maxsplit=1)
    return f"{system.lower()}_{ALIASES.get(machine, machine)}"


def _elsewhere() -> str:
    if _folder_for(platform_of_control_node()) in _shipped():
        return "on the control node, with `delegate_to: localhost`"
    return "on another host with `delegate_to`, for example the homeserver's own"


def _or_build(folder: str) -> str:
    """Only on Linux."""
    if not folder.startswith("linux_"):
        return ""
    return f", or build the binary and put it into {FOLDER / folder}"


def _shipped() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{NAME}"))
