"""Owns a proxy that leads every name to a throwaway homeserver, and writes down who asked for what; it ends with the homeserver.

Prints the address that it listens at, and goes on in the background.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import relay
import throwaway


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    parser.add_argument("log", type=Path, metavar="LOG", help="gets a line for each connection")
    arguments = parser.parse_args()

    homeserver = throwaway.find(arguments.directory.resolve())
    if not homeserver:
        sys.exit(f"no homeserver runs in {arguments.directory}")
    log = arguments.log.open("a", buffering=1)

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        log.write(request.decode().partition(" HTTP/")[0] + "\n")
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")

    listener = relay.listen()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    relay.run(listener, homeserver, greet)


if __name__ == "__main__":
    main()
