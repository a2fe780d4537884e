"""Owns the command line: a recorded Matrix Authentication Service in front of a throwaway homeserver; it ends with the homeserver.

Prints one line of JSON, which is in DIR/mas/mas.json, too, and goes on in the background. The homeserver must have been started with
`--settings tests/homeserver/mas.yml`. In DIR/mas are

    knobs.json      what mas/knobs.py lists, read anew for each request
    requests.jsonl  a line for each request: method, path, status, and how it differs from the recorded one
    mas-cli         the command that issues compatibility tokens
    mas-cli.jsonl   a line for each start of it: arguments, environment, standard input, parent, child
"""

import argparse
import base64
import json
import os
import secrets
import select
import sys
from pathlib import Path
from threading import Thread

import background
import throwaway
from mas import knobs
from mas.oauth import CLIENT_ID
from mas.server import ISSUE, LOG, Mas, listen
from mas.synapse import Synapse

_CLI = Path(__file__).resolve().parent / "mas_cli.py"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    parser.add_argument("--knobs", default="{}", metavar="JSON", help="those to begin with")
    parser.add_argument("--issuer", metavar="URL", help="if it is reached through a reverse proxy")
    arguments = parser.parse_args()

    homeserver = throwaway.find(arguments.directory.resolve())
    if not homeserver:
        sys.exit(f"no homeserver runs in {arguments.directory}")
    knobs.parse(arguments.knobs)
    folder = Path(homeserver.directory) / "mas"
    folder.mkdir(mode=0o700)
    (folder / knobs.FILE).write_text(arguments.knobs, encoding="utf-8")
    # As `openssl rand -base64 32` makes one: with characters that a form must escape.
    secret = "a+/=" + base64.b64encode(secrets.token_bytes(24)).decode()
    synapse = Synapse(homeserver.homeserver_url, homeserver.server_name, Path(homeserver.directory))
    mas = Mas(synapse, folder, secret)
    at_issuer = listen(lambda request: mas.answer(request, at_issuer=True))
    elsewhere = listen(lambda request: mas.answer(request, at_issuer=False))
    url, admin_url = (f"http://127.0.0.1:{one.server_port}" for one in (at_issuer, elsewhere))
    mas.issuer = arguments.issuer or f"{url}/"
    credentials = base64.b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()
    description = {
        "homeserver_url": url,
        "synapse_url": homeserver.homeserver_url,
        "admin_url": admin_url,
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "client_authorization": f"Basic {credentials}",
        "folder": str(folder),
        "mas_cli": str(folder / "mas-cli"),
        "knobs": str(folder / knobs.FILE),
        "requests": str(folder / LOG),
        "cli_log": str(folder / "mas-cli.jsonl"),
    }
    _write_private(folder / "mas.json", json.dumps(description) + "\n")
    _write_command(folder, url + ISSUE)
    print(json.dumps(description), flush=True)

    ended = os.pidfd_open(homeserver.pid)
    background.go()
    for server in (at_issuer, elsewhere):
        Thread(target=server.serve_forever, daemon=True).start()
    select.select([ended], [], [])


def _write_command(folder: Path, url: str) -> None:
    """One file without arguments of its own, as MDAD's wrapper is. No shell has a part in it."""
    lines = [
        f"#!{sys.executable} -I",
        "import runpy, sys",
        f"sys.argv[1:1] = [{str(folder)!r}, {url!r}]",
        f"runpy.run_path({str(_CLI)!r}, run_name='__main__')",
    ]
    command = folder / "mas-cli"
    command.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command.chmod(0o755)


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
