"""Owns a bridge at its smallest, made of what the mautrix bridges are made of: somebody writes elsewhere, and it appears in a room.

First a ghost of the bridge says it. Then it gets a user's access token, for double puppeting, and the user says it.
The bridge prints, as JSON, the room and who spoke.
"""

import argparse
import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import yaml
from mautrix.appservice import AppService, ASStateStore
from mautrix.bridge import CustomPuppetMixin
from mautrix.client import MemoryStateStore
from mautrix.types import UserID


class StateStore(ASStateStore, MemoryStateStore):
    """What the bridge knows of rooms, for as long as it runs."""

    def __init__(self) -> None:
        ASStateStore.__init__(self)
        MemoryStateStore.__init__(self)

    async def is_registered(self, user_id: UserID) -> bool:
        """Ghosts have to be registered; a user who has a double puppet has an account."""
        return user_id in Puppet.by_custom_mxid or await super().is_registered(user_id)


class Puppet(CustomPuppetMixin):
    """Somebody elsewhere, as whom the bridge speaks."""

    log = logging.getLogger("puppet")

    def __init__(self, bridge: AppService, ghost: UserID) -> None:
        Puppet.az = bridge
        self.default_mxid = ghost
        self.default_mxid_intent = bridge.intent.user(ghost)
        self.custom_mxid = None
        self.access_token = None
        self.base_url = None
        self.intent = self._fresh_intent()

    async def save(self) -> None:
        """A bridge would write its database."""


async def run(configuration: dict[str, Any]) -> None:
    homeserver, appservice = configuration["homeserver"], configuration["appservice"]
    bridge = AppService(
        server=homeserver["address"],
        domain=homeserver["domain"],
        bridge_name=appservice["id"],
        state_store=StateStore(),
        **appservice,
    )
    await bridge.start(port=0)
    try:
        await speak(bridge, configuration["double_puppet"])
    finally:
        await bridge.stop()


async def speak(bridge: AppService, user: dict[str, str]) -> None:
    room = await bridge.intent.create_room(name="Bridged", invitees=[UserID(user["user_id"])])
    puppet = Puppet(bridge, UserID(f"@{bridge.id}_1:{bridge.domain}"))
    await puppet.intent.send_text(room, "said by a ghost")

    await puppet.switch_mxid(user["access_token"], UserID(user["user_id"]))
    await puppet.intent.send_text(room, "said by the user")
    print(json.dumps({"room_id": room, "ghost": puppet.default_mxid, "user": puppet.mxid}))


def main() -> None:
    parser = argparse.ArgumentParser(description="Run a small bridge, once.")
    parser.add_argument("configuration", type=Path, help="YAML file")
    content = parser.parse_args().configuration.read_text(encoding="utf-8")
    asyncio.run(run(yaml.safe_load(content)))


if __name__ == "__main__":
    main()
