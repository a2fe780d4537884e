# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes all that Ansible hands to a callback, for those callbacks that nobody thought of."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: everything
type: notification
short_description: Writes every result as a whole
description: To the file that the environment variable LEAKS_EVERYTHING names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "everything"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any, **_: Any) -> None:
        # The public name came with ansible-core 2.19.
        everything = getattr(result, "result", None) or result._result
        with Path(os.environ["LEAKS_EVERYTHING"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(everything, default=str) + "\n")

    v2_runner_on_failed = v2_runner_on_unreachable = v2_runner_on_skipped = v2_runner_on_ok
    v2_runner_item_on_ok = v2_runner_item_on_failed = v2_runner_item_on_skipped = v2_runner_on_ok
    v2_runner_retry = v2_on_file_diff = v2_runner_on_async_poll = v2_runner_on_ok
    v2_runner_on_async_ok = v2_runner_on_async_failed = v2_runner_on_ok
