"""Owns the signals that tests send to what they run. Whoever started the tests may have had them ignored: nohup, or a shell's background."""

import signal


def heed() -> None:
    """What is started from now on heeds them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
