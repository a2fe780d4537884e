"""Owns the signals that tests send to what they run. Whoever started the tests may have had them ignored: nohup, or a shell's background."""

import signal


def heed() -> None:
    """What is started from now on heeds them; the tests themselves go on ignoring them. Programs inherit no handler, but SIG_IGN."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
