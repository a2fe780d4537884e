"""Owns the stand-in for `mas-cli manage issue-compatibility-token USERNAME [DEVICE_ID]`: it prints the recorded line with a token of a real Synapse.

Run by the command that start_mas.py writes, which adds the folder and the address of the recorded MAS. Each start is written down.
"""

import json
import os
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

_ADMIN_FLAG = "--yes-i-want-to-grant-synapse-admin-privileges"
_USAGE = "Usage: mas-cli manage issue-compatibility-token <USERNAME> [DEVICE_ID]"
_SHELLS = {"sh", "dash", "bash", "ash", "busybox", "ksh", "zsh", "fish"}
_SECONDS_OF_CHILD = 120
_UNKNOWN_USER = """\
Error: User not found

Stack backtrace:
   0: anyhow::error::<impl anyhow::Error>::msg
   1: mas_cli::commands::manage::Options::run::{{closure}}
   2: mas_cli::main
   3: std::rt::lang_start::{{closure}}
   4: __libc_start_main
   5: _start
"""


def main() -> None:
    folder, url, *arguments = sys.argv[1:]
    knobs = _knobs(Path(folder))
    child = _start_child() if knobs["cli_child"] else None
    problem = _write_down(Path(folder), arguments, child)
    if problem and not knobs["cli_any_start"]:
        _end(f"Error: {problem}\n")
    time.sleep(knobs["cli_hang"])
    words = [word for word in arguments if word != _ADMIN_FLAG]
    if words[:2] != ["manage", "issue-compatibility-token"] or len(words) not in (3, 4):
        _end(f"error: unexpected arguments\n\n{_USAGE}\n", status=2)
    if not knobs["cli_homeserver"]:
        what = "Could not create the device on the homeserver, aborting"
        error = (
            "error=error sending request for url (http://synapse:8008/_synapse/mas/upsert_device)"
        )
        _end(f"{_now()} ERROR mas_cli::commands::manage:443 {what} {error}\n")
    issued = _issue(url, words[2], words[3] if len(words) == 4 else None)
    if not issued:
        _end(_UNKNOWN_USER)
    _show(_line(issued, knobs), knobs["cli_stream"])


def _knobs(folder: Path) -> dict[str, Any]:
    """Those of mas/knobs.py. The defaults are written here again: this program stands alone, as the real one does."""
    defaults = {
        "cli_stream": "stderr",
        "cli_colours": False,
        "cli_token": "shown",
        "cli_homeserver": True,
        "cli_hang": 0,
        "cli_child": False,
        "cli_any_start": False,
    }
    return defaults | json.loads((folder / "knobs.json").read_text(encoding="utf-8"))


def _start_child() -> int:
    """In the same process group, with the same output."""
    return subprocess.Popen(["sleep", str(_SECONDS_OF_CHILD)]).pid


def _write_down(folder: Path, arguments: list[str], child: int | None) -> str | None:
    """Says what is wrong with how this program was started."""
    stdin, parent = _state_of_stdin(), _parent()
    line = {
        "arguments": arguments,
        "environment": _environment(),
        "stdin": stdin,
        "parent": parent,
        "pid": os.getpid(),
        "process_group": os.getpgrp(),
        "session": os.getsid(0),
        "child": child,
    }
    file = folder / "mas-cli.jsonl"
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    if parent in _SHELLS:
        return f"started by a shell: {parent}"
    return "standard input is open" if stdin == "open" else None


def _environment() -> dict[str, str]:
    """As it was given: Python itself may have added to os.environ."""
    entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    pairs = (entry.decode(errors="replace").partition("=") for entry in entries if entry)
    return {name: value for name, _, value in pairs}


def _state_of_stdin() -> str:
    """`closed`; `empty` if it is at its end, as /dev/null is; or `open`."""
    try:
        readable, _, _ = select.select([0], [], [], 0.1)
    except OSError:
        return "closed"
    try:
        return "open" if not readable or os.read(0, 1) else "empty"
    except OSError:
        return "closed"


def _parent() -> str:
    return Path(f"/proc/{os.getppid()}/comm").read_text(encoding="utf-8").rstrip("\n")


def _issue(url: str, username: str, device_id: str | None) -> dict[str, str] | None:
    body = json.dumps({"username": username, "device_id": device_id}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as response:
            issued: dict[str, str] = json.load(response)
            return issued
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return None


def _line(issued: dict[str, str], knobs: dict[str, Any]) -> str:
    colours = knobs["cli_colours"] or knobs["cli_stream"] == "terminal"

    def styled(code: int, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colours else text

    words = {
        "shown": f"Compatibility token issued: {issued['access_token']}",
        "missing": "Compatibility token issued:",
        "changed": f"The new token is [{issued['access_token']}]",
    }[knobs["cli_token"]]
    fields = {
        "compat_access_token.id": issued["session_id"],
        "compat_session.id": issued["session_id"],
        "compat_session.device": issued["device_id"],
        "user.id": issued["user_id"],
        "user.username": issued["username"],
    }
    shown = " ".join(f"{styled(3, name)}{styled(2, '=')}{text}" for name, text in fields.items())
    place = styled(2, "mas_cli::commands::manage:467")
    return f"{_now()} {styled(32, ' INFO')} {place} {words} {shown}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _show(line: str, stream: str) -> None:
    if stream == "stderr":
        sys.stderr.write(f"{line}\n")
    else:
        sys.stdout.write(line + ("\r\n" if stream == "terminal" else "\n"))


def _end(text: str, status: int = 1) -> NoReturn:
    sys.stderr.write(text)
    sys.exit(status)


if __name__ == "__main__":
    main()
