"""The module itself, run by hand as Ansible runs it: the binary and a file of arguments."""

import json
from typing import Any

from bench.places import BINARY
from bench.servers.homeserver import PASSWORD
from bench.stage import DEVICE_ID, Site, Stage, write_private
from bench.usage import Program


def keep(stage: Stage, site: Site) -> Program:
    """Asks whether the session in the file works, and it does."""
    return program(stage, site, "keep", {"session_file": str(site.session_file)})


def log_in(stage: Stage, site: Site) -> Program:
    """As the peers do: nothing is kept."""
    return program(stage, site, "login", {})


def program(stage: Stage, site: Site, name: str, options: dict[str, Any]) -> Program:
    file = stage.folder / f"{name}-{site.port}-args.json"
    write_private(file, arguments(stage.user_id, site) | options)
    return Program([str(BINARY), str(file)])


def arguments(user_id: str, site: Site) -> dict[str, Any]:
    trust = {"ca_path": str(site.certificates.ca)} if site.certificates else {}
    return {
        "homeserver_url": site.url,
        "user_id": user_id,
        "password": PASSWORD,
        "device_id": DEVICE_ID,
        "return_token": "always",
        **trust,
    }


def prove(program: Program, session: str) -> None:
    """That it does what is to be measured: the session is `kept`, or `new`."""
    became = json.loads(program.output())["session"]
    if became != session:
        raise RuntimeError(f"the session is {became}, and {session} was to be measured")
