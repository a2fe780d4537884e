# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns what Ansible hides around the binary, and which messages it shows all the same. Knows no option."""

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

SHOWS_MESSAGES = LooseVersion(ansible_version) >= LooseVersion("2.19")


@contextmanager
def force_no_log(action: ActionBase) -> Iterator[None]:
    """Hides all output of the binary, at any verbosity, over any connection."""
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
            "`async` would show the access token, because Ansible returns the output of a job unhidden: "
            "leave `async` out; `timeout` and `wait_timeout` limit the time of the task"
        )


def show_messages(result: dict[str, Any], host: str) -> None:
    """The warnings and the message of a hidden result hold no secret; until ansible-core 2.18 they are hidden with it."""
    if SHOWS_MESSAGES:
        return
    for warning in result.get("warnings", []):
        display.warning(warning)
    if result.get("failed"):
        display.error(f"{host}: {result.get('msg')}")


def hide_invalid_output(result: dict[str, Any], folder: str) -> dict[str, Any]:
    """Output that is not JSON may hold the token, and Ansible would show it. This says why there was no result instead."""
    if "module_stdout" not in result:
        return result
    output = f"{result['module_stdout']}{result.get('module_stderr')}"
    return {"failed": True, "msg": _why_no_result(result.get("rc"), output, folder)}


def _why_no_result(status: int | None, output: str, folder: str) -> str:
    if status == 126 and "Permission denied" in output:
        return (
            f"the host does not execute programs in {folder}, because the file system is mounted noexec or a "
            "security policy forbids it: set `ansible_remote_tmp` to another folder "
            "(with an unprivileged become_user: `ansible_system_tmpdirs`)"
        )
    if status == 126 and "Exec format error" in output:
        return (
            "the binary is for another processor than the host's: "
            "gather the facts of the host again, or install the collection again"
        )
    if status in (126, 127):
        return (
            f"the shell of the host could not start the binary in {folder} (exit status {status})"
        )
    return (
        f"the binary ended without a result (exit status {status}); its output is not shown, because "
        "it may hold a secret: check whether `ansible.builtin.ping` works with the same "
        "connection and become settings; if it does, please report a bug"
    )
