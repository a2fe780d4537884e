# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns what is hidden around the binary, and what is told all the same. Knows no option."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.compat.version import LooseVersion
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display

display = Display()

TELLS_WHAT_IS_HIDDEN = LooseVersion(ansible_version) >= LooseVersion("2.19")


@contextmanager
def unlogged(action: ActionBase) -> Iterator[None]:
    """Nothing that the binary prints is shown, at any verbosity, over any connection."""
    holders = (
        action._task,  # the binary itself asks this one, and refuses to run
        action._connection._play_context,  # ssh asks this one before it prints at -vvv
        action._play_context,  # so does a connection plugin that another one keeps inside
    )
    before = [holder.no_log for holder in holders]
    for holder in holders:
        holder.no_log = True
    try:
        yield
    finally:
        for holder, no_log in zip(holders, before):
            holder.no_log = no_log


def refuse_async(action: ActionBase) -> None:
    """Ansible refuses it, too, without a reason."""
    if action._task.async_val:
        raise AnsibleActionFail(
            "`async` would show the access token: Ansible returns what the job has printed and asks nobody "
            "what to hide. Leave `async` out. The options `timeout` and `wait_timeout` say how long the task may take"
        )


def tell_what_is_hidden(result: dict[str, Any], host: str) -> None:
    """What a hidden result takes along until ansible-core 2.18, though it holds no secret."""
    if TELLS_WHAT_IS_HIDDEN:
        return
    for warning in result.get("warnings", []):
        display.warning(warning)
    if result.get("failed"):
        display.error(f"{host}: {result.get('msg')}")


def without_broken_output(result: dict[str, Any], folder: str) -> dict[str, Any]:
    """Output that is no JSON may hold the token, and Ansible would show it: instead, why there was no result."""
    if "module_stdout" not in result:
        return result
    output = f"{result['module_stdout']}{result.get('module_stderr')}"
    return {"failed": True, "msg": _why_no_result(result.get("rc"), output, folder)}


def _why_no_result(status: int | None, output: str, folder: str) -> str:
    if status == 126 and "Permission denied" in output:
        return (
            f"the target does not execute programs in {folder}: that file system is mounted noexec, or a "
            "security policy forbids it. Set `ansible_remote_tmp` to a folder where programs may run "
            "(with an unprivileged become_user: `ansible_system_tmpdirs`)"
        )
    if status == 126 and "Exec format error" in output:
        return (
            "the binary is not made for the target's processor. "
            "Are the gathered facts out of date, or is the binary in the wrong folder?"
        )
    if status in (126, 127):
        return f"the target's shell could not start the binary in {folder} (exit status {status})"
    return (
        f"the binary ended without a result (exit status {status}), and what was printed is not "
        "shown, because it may hold a secret. See whether `ansible.builtin.ping` works with the same "
        "connection and become settings; if it does, this is a bug"
    )
