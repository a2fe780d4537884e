"""Owns the question whether this machine lets a task become another user, and how."""

import os
import shutil
import subprocess
from typing import Any

WHY_NOT = "become was not run here: it takes root, or sudo without a password"


def can_become() -> bool:
    return os.getuid() == 0 or _sudo_works()


def variables() -> dict[str, Any]:
    """For the inventory: root becomes nobody, and anybody else root."""
    if os.getuid() == 0:
        return {
            "can_become": True,
            "ansible_become_method": "su",
            "ansible_become_user": "nobody",
            "ansible_become_flags": "-s /bin/sh",
        }
    return {
        "can_become": can_become(),
        "ansible_become_method": "sudo",
        "ansible_become_user": "root",
    }


def _sudo_works() -> bool:
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
