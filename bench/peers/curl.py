"""curl, as the guides for bots tell people to use it."""

import json

from bench.servers import homeserver
from bench.stage import DEVICE_ID, USER, Site, Stage
from bench.usage import Program

_OPTIONS = ["--silent", "--show-error", "--fail"]
# The developer's own settings are none of this.
_CURL = ["curl", "--disable", *_OPTIONS]


def keep(stage: Stage, site: Site) -> Program:
    header = ["--header", f"Authorization: Bearer {stage.access_token}"]
    url = f"{site.url}/_matrix/client/v3/account/whoami"
    return Program([*_CURL, *_trust(site), *header, url])


def log_in(stage: Stage, site: Site) -> Program:
    header = ["--header", "Content-Type: application/json"]
    body = ["--data", json.dumps(homeserver.login_body(USER, DEVICE_ID))]
    url = f"{site.url}/_matrix/client/v3/login"
    return Program([*_CURL, *_trust(site), *header, *body, url])


def _trust(site: Site) -> list[str]:
    return ["--cacert", str(site.certificates.bundle)] if site.certificates else []
