"""Owns the machine's system log for the time of the scan, if nobody else does: what is sent there ends up in a file."""

import socket
import threading
from pathlib import Path

ADDRESS = Path("/dev/log")


class SyslogListener:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            _remove_if_dead()
            self.socket.bind(str(ADDRESS))
        except OSError as error:
            self.why_not = f"the system log was not searched here: {ADDRESS}: {error.strerror}"
            self.socket.close()
            return
        self.why_not = ""
        ADDRESS.chmod(0o666)
        file.touch()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def is_listening(self) -> bool:
        return not self.why_not

    def _listen(self) -> None:
        with self.file.open("ab", buffering=0) as file:
            while True:
                message = self.socket.recv(65536)
                if message == b"stop":
                    return
                file.write(message + b"\n")

    def stop(self) -> None:
        if self.why_not:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", str(ADDRESS))
        ADDRESS.unlink()
        self.socket.close()


def _remove_if_dead() -> None:
    """What a scan that was killed left behind."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(str(ADDRESS))
        except ConnectionRefusedError:
            ADDRESS.unlink()
        except OSError:
            pass  # it is not there, or another user's
