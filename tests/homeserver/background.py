"""Owns the way into the background, for what runs beside a throwaway homeserver until that ends."""

import os


def go(output: int | None = None) -> None:
    """Goes on in the background; whoever waits for this process, or reads its output, is let go.

    What is printed from then on goes to the file descriptor `output`, or nowhere.
    """
    if os.fork():
        os._exit(0)
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    for descriptor in (1, 2):
        os.dup2(nowhere if output is None else output, descriptor)
