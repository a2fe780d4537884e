"""Owns what the proxies in front of a throwaway homeserver have in common: they pass bytes on, and end with the homeserver."""

import asyncio
import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import background
import throwaway

Greeting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio does this only to sockets that name their protocol. Without, an answer waits up to 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def run(
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

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", port)
        if greet:
            await greet(reader, writer)
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
