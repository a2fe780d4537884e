"""Owns a bot beside a throwaway homeserver: it runs in the background, and is ended when the homeserver ends."""

import argparse
import os
import select
import subprocess
import sys
from pathlib import Path

import background
import throwaway

_SECONDS_TO_END = 10


def run(command: list[str], homeserver_ended: int) -> None:
    """Runs the command until it ends by itself, or the homeserver does."""
    process = subprocess.Popen(command)
    select.select([homeserver_ended, os.pidfd_open(process.pid)], [], [])
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    parser.add_argument("log", type=Path, metavar="LOG", help="file for what the command prints")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    arguments = parser.parse_args()

    homeserver = throwaway.find(arguments.directory.resolve())
    if not homeserver:
        sys.exit(f"no homeserver runs in {arguments.directory}")
    homeserver_ended = os.pidfd_open(homeserver.pid)
    with arguments.log.open("wb") as log:
        background.go(log.fileno())
    run(arguments.command, homeserver_ended)


if __name__ == "__main__":
    main()
