"""Owns a far-away network: passes TCP on, each byte half a round trip later, in both directions, as much at a time as comes."""

import asyncio
import threading

# What is under way, and when it is due.
Wire = asyncio.Queue[tuple[float, bytes]]


class DelayingProxy:
    """Listens on loopback and leads to `port` until the benchmark ends."""

    def __init__(self, port: int, round_trip: float) -> None:
        self._upstream, self._half = port, round_trip / 2
        self.port = 0
        ready = threading.Event()
        threading.Thread(target=asyncio.run, args=(self._serve(ready),), daemon=True).start()
        ready.wait()

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", self._upstream)
        await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire: Wire = asyncio.Queue()
        await asyncio.gather(self._take(reader, wire), self._deliver(wire, writer))

    async def _take(self, reader: asyncio.StreamReader, wire: Wire) -> None:
        """An empty piece is the end."""
        piece = b"begun"
        while piece:
            try:
                piece = await reader.read(65536)
            except OSError:
                piece = b""
            wire.put_nowait((asyncio.get_running_loop().time() + self._half, piece))

    async def _deliver(self, wire: Wire, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                due, piece = await wire.get()
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass  # whoever hung up knows why
        finally:
            writer.close()
