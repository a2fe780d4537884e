"""Owns the proxies in front of a throwaway homeserver: they pass bytes on, and end with the homeserver.

    tls DIR CERTIFICATE KEY   a reverse proxy that speaks TLS
    connect DIR LOG           one that leads every name to the homeserver, and writes down who asked for what

Each prints the address that it listens at, and goes on in the background.
"""

import argparse
import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import background
import throwaway

Greeting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def tls(arguments: argparse.Namespace, homeserver: throwaway.Homeserver) -> None:
    if arguments.to:
        homeserver = replace(homeserver, homeserver_url=arguments.to)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.certificate, arguments.key)
    _run(_listen("https"), homeserver, context=context)


def connect(arguments: argparse.Namespace, homeserver: throwaway.Homeserver) -> None:
    log = arguments.log.open("a", buffering=1)

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        log.write(request.decode().partition(" HTTP/")[0] + "\n")
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")

    _run(_listen("http"), homeserver, greet)


def _listen(scheme: str) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio does this only to sockets that name their protocol. Without, an answer waits up to 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    return listener


def _run(
    listener: socket.socket,
    homeserver: throwaway.Homeserver,
    greet: Greeting | None = None,
    context: ssl.SSLContext | None = None,
) -> None:
    """In the background. `greet` is what happens with a client before its bytes are passed on."""
    background.go()
    asyncio.run(_serve(listener, homeserver, greet, context))


async def _serve(
    listener: socket.socket,
    homeserver: throwaway.Homeserver,
    greet: Greeting | None,
    context: ssl.SSLContext | None,
) -> None:
    port = urlsplit(homeserver.homeserver_url).port

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", port)
        if greet:
            await greet(reader, writer)
        await asyncio.gather(_copy(reader, upstream[1]), _copy(upstream[0], writer))

    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(os.pidfd_open(homeserver.pid), ended.set)
    await asyncio.start_server(pass_on, sock=listener, ssl=context)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("tls")
    command.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    command.add_argument("certificate", metavar="CERTIFICATE", help="PEM file")
    command.add_argument("key", metavar="KEY", help="PEM file")
    command.add_argument("--to", metavar="URL", help="what answers in the homeserver's place")
    command.set_defaults(run=tls)

    command = commands.add_parser("connect")
    command.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    command.add_argument("log", type=Path, metavar="LOG", help="gets a line for each connection")
    command.set_defaults(run=connect)
    return parser


def main() -> None:
    arguments = _parser().parse_args()
    homeserver = throwaway.find(arguments.directory.resolve())
    if not homeserver:
        sys.exit(f"no homeserver runs in {arguments.directory}")
    arguments.run(arguments, homeserver)


if __name__ == "__main__":
    main()
