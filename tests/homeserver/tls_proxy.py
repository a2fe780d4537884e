"""Owns a TLS reverse proxy in front of a throwaway homeserver; it ends with the homeserver.

Prints the address that it listens at, and goes on in the background.
"""

import argparse
import asyncio
import os
import socket
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

import background
import throwaway


async def serve(
    listener: socket.socket, context: ssl.SSLContext, homeserver: throwaway.Homeserver
) -> None:
    port = urlsplit(homeserver.homeserver_url).port

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, upstream[1]), _copy(upstream[0], writer))

    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(os.pidfd_open(homeserver.pid), ended.set)
    await asyncio.start_server(connect, sock=listener, ssl=context)
    await ended.wait()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # whoever hung up knows why
    finally:
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    parser.add_argument("certificate", metavar="CERTIFICATE", help="PEM file")
    parser.add_argument("key", metavar="KEY", help="PEM file")
    arguments = parser.parse_args()

    homeserver = throwaway.find(arguments.directory.resolve())
    if not homeserver:
        sys.exit(f"no homeserver runs in {arguments.directory}")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.certificate, arguments.key)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"https://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    background.go()
    asyncio.run(serve(listener, context, homeserver))


if __name__ == "__main__":
    main()
