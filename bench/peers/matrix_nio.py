"""A script with matrix-nio, the client library that most bots in Python use."""

import sys

from bench.places import HERE
from bench.servers.homeserver import PASSWORD
from bench.stage import DEVICE_ID, Site, Stage
from bench.usage import Program

_SCRIPT = str(HERE / "peers/matrix_nio_script.py")


def keep(stage: Stage, site: Site) -> Program:
    return _program(stage, site, "keep", stage.access_token)


def log_in(stage: Stage, site: Site) -> Program:
    return _program(stage, site, "login", PASSWORD)


def _program(stage: Stage, site: Site, what: str, secret: str) -> Program:
    trust = [str(site.certificates.bundle)] if site.certificates else []
    command = [sys.executable, _SCRIPT, what, site.url, stage.user_id, DEVICE_ID, secret, *trust]
    return Program(command)
