"""Owns the choice of a free port on loopback."""

import random
import socket

# Below the ports that the kernel hands out by itself: nothing takes one between this look and its use by accident.
_RANGE = range(20_000, 30_000)


def free() -> int:
    while True:
        port = random.choice(_RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
