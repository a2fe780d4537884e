"""Owns the command line: a throwaway, real Matrix homeserver (Synapse) for tests and demonstrations.

    serve                 until standard input ends, for tests: nothing is left behind, however they end
    start DIR, stop DIR   for scripts
    register DIR USER PASSWORD

Several can run at once. Each listens on a free port of the loopback interface only.
"""

import argparse
import json
import os
import select
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import configuration
import registration
import synapse_process
import throwaway


def serve(arguments: argparse.Namespace) -> None:
    """Runs a homeserver in the foreground; prints one line of JSON when it answers."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="matrix-homeserver-") as parent:
        directory = Path(parent) / "homeserver"
        try:
            homeserver = _start(directory, arguments, dies_with_parent=True)
            print(throwaway.description(homeserver), flush=True)
            _wait_for_end(homeserver.pid)
        finally:
            throwaway.stop(directory)


def start(arguments: argparse.Namespace) -> None:
    """Starts a homeserver in DIR and leaves it running; prints DIR/homeserver.json."""
    homeserver = _start(arguments.directory.resolve(), arguments, dies_with_parent=False)
    if arguments.accounts:
        _write_accounts(homeserver, arguments.accounts)
    print(throwaway.description(homeserver))


def stop(arguments: argparse.Namespace) -> None:
    """Ends the homeserver of DIR and removes DIR; fine if there is none."""
    throwaway.stop(arguments.directory.resolve())


def register(arguments: argparse.Namespace) -> None:
    """Registers a user; one that exists already keeps its password."""
    where, shared_secret = arguments.where, configuration.REGISTRATION_SHARED_SECRET
    if "://" not in where:
        homeserver = throwaway.read(Path(where).resolve())
        if not homeserver:
            sys.exit(f"no homeserver was started in {where}")
        where, shared_secret = homeserver.homeserver_url, homeserver.registration_shared_secret
    password = arguments.password
    if password == "-":
        password = sys.stdin.readline().rstrip("\n")
    registration.register(where, shared_secret, arguments.user, password, arguments.admin)


def _write_accounts(homeserver: throwaway.Homeserver, file: Path) -> None:
    """For whoever made it alone: it holds passwords."""
    file.touch(mode=0o600)
    accounts = registration.bot_and_administrator(
        homeserver.homeserver_url, homeserver.registration_shared_secret
    )
    file.write_text(json.dumps(accounts), encoding="utf-8")


def _start(
    directory: Path, arguments: argparse.Namespace, dies_with_parent: bool
) -> throwaway.Homeserver:
    overrides: dict[str, Any] = dict(arguments.settings)
    for override in arguments.set:
        overrides |= override
    try:
        return throwaway.start(directory, overrides, arguments.default_limits, dies_with_parent)
    except synapse_process.StartFailed as error:
        _give_up(directory, error)


def _give_up(directory: Path, error: synapse_process.StartFailed) -> NoReturn:
    end_of_log = throwaway.log(directory)[-3000:]
    throwaway.stop(directory)
    sys.exit(f"{end_of_log}\nSynapse did not start: {error}; the end of its log is above")


def _wait_for_end(pid: int) -> None:
    """Until standard input ends (whoever started this is gone) or Synapse does."""
    synapse_ended = os.pidfd_open(pid)
    while True:
        readable, _, _ = select.select([sys.stdin, synapse_ended], [], [])
        if synapse_ended in readable or not os.read(sys.stdin.fileno(), 4096):
            return


def _override(argument: str) -> dict[str, Any]:
    try:
        return configuration.override(argument)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _settings(file: str) -> dict[str, Any]:
    try:
        return configuration.overrides(Path(file))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    settings = argparse.ArgumentParser(add_help=False)
    settings.add_argument(
        "--set",
        action="append",
        default=[],
        type=_override,
        metavar="KEY=YAML",
        help="merged into homeserver.yaml; may be repeated",
    )
    settings.add_argument(
        "--settings",
        default={},
        type=_settings,
        metavar="FILE",
        help="YAML merged into homeserver.yaml, for secrets",
    )
    settings.add_argument(
        "--default-limits",
        action="store_true",
        help="keep Synapse's own rate limits, which allow five logins",
    )

    command = commands.add_parser("serve", help=serve.__doc__, parents=[settings])
    command.set_defaults(run=serve)

    command = commands.add_parser("start", help=start.__doc__, parents=[settings])
    command.add_argument("directory", type=Path, metavar="DIR")
    command.add_argument(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="gets a bot's user id and password, and the token of an administrator",
    )
    command.set_defaults(run=start)

    command = commands.add_parser("stop", help=stop.__doc__)
    command.add_argument("directory", type=Path, metavar="DIR")
    command.set_defaults(run=stop)

    command = commands.add_parser("register", help=register.__doc__)
    command.add_argument("where", metavar="DIR_OR_URL")
    command.add_argument("user", metavar="USER")
    command.add_argument("password", metavar="PASSWORD", help="- reads it from standard input")
    command.add_argument("--admin", action="store_true", help="a server administrator")
    command.set_defaults(run=register)
    return parser


def main() -> None:
    arguments = _parser().parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
