"""Owns the proof that a token works: a real client library uses it to send a message and to read it back.

The session comes from a file (the credentials.json shape of matrix-nio's own examples), never from an argument.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import TypeVar

import nio

Answer = TypeVar("Answer", bound=nio.Response)


async def send_and_read_back(credentials: dict[str, str], text: str) -> None:
    client = nio.AsyncClient(credentials["homeserver"])
    client.restore_login(
        credentials["user_id"], credentials["device_id"], credentials["access_token"]
    )
    try:
        me = succeeded(await client.whoami(), nio.WhoamiResponse)
        print(f"the token belongs to {me.user_id}, device {me.device_id}")

        room = succeeded(await client.room_create(name="Demo"), nio.RoomCreateResponse)
        print(f"created the room {room.room_id}")

        content = {"msgtype": "m.text", "body": text}
        sent = succeeded(
            await client.room_send(room.room_id, "m.room.message", content), nio.RoomSendResponse
        )
        print(f"sent the message {sent.event_id}")

        read = succeeded(
            await client.room_get_event(room.room_id, sent.event_id), nio.RoomGetEventResponse
        )
        message = read.event
        print(f'read it back: "{message.body}" from {message.sender}')
        if (message.body, message.sender) != (text, credentials["user_id"]):
            raise SystemExit("that is not what was sent")
    finally:
        await client.close()


def succeeded(answer: nio.Response, wanted: type[Answer]) -> Answer:
    if not isinstance(answer, wanted):
        raise SystemExit(f"the homeserver refused: {answer}")
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description="Send a message with a session, and read it back.")
    parser.add_argument("credentials", type=Path, help="file with homeserver, user_id, …")
    parser.add_argument("text", nargs="?", default="Hello from a token that nobody copied by hand")
    arguments = parser.parse_args()
    credentials = json.loads(arguments.credentials.read_text(encoding="utf-8"))
    asyncio.run(send_and_read_back(credentials, arguments.text))


if __name__ == "__main__":
    main()
