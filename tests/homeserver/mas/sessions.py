"""Owns the sessions: whose they are, and for how long each token lives on after its end.

As measured: MAS ends a session at once and removes its device by a job. Synapse keeps for two minutes what MAS said of a token that was used,
and drops that earlier only when the token is used while its device is missing. So a login on the same device, made too early, keeps the old token alive.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock, Timer

from .synapse import Synapse

COMPAT = "compat-session"
PERSONAL = "personal-session"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(seed: str | None = None) -> str:
    """The same seed gives the same one; without, later ones are greater."""
    if seed is not None:
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:10])
    else:
        number = (time.time_ns() // 1_000_000 << 80) + (time.time_ns() << 16) % (1 << 80)
        number += secrets.randbelow(1 << 16)
    digits = ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits = _CROCKFORD[digit] + digits
    return "01M8" + digits[4:] if seed is not None else digits


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(eq=False)
class Session:
    kind: str
    username: str
    device_id: str
    token: str
    human_name: str | None = None
    scope: str | None = None
    id: str = field(default_factory=ulid)
    created_at: str = field(default_factory=now)
    finished_at: str | None = None
    introspected: float | None = None
    device_handled: bool = False
    refused: bool = False


class Sessions:
    def __init__(self, synapse: Synapse) -> None:
        self._synapse = synapse
        self._all: list[Session] = []
        self._by_token: dict[str, Session] = {}
        self._lock = RLock()

    def add(self, session: Session) -> Session:
        with self._lock:
            self._all.append(session)
            self._by_token[session.token] = session
        return session

    def renew(self, session: Session, token: str) -> None:
        """A refresh: the session goes on with another token."""
        with self._lock:
            session.token = token
            self._by_token[token] = session

    def with_token(self, token: str | None) -> Session | None:
        return self._by_token.get(token or "")

    def with_id(self, kind: str, session_id: str) -> Session | None:
        found = (one for one in self._all if (one.kind, one.id) == (kind, session_id))
        return next(found, None)

    def of(self, kind: str, username: str) -> list[Session]:
        """The oldest first."""
        return [one for one in self._all if (one.kind, one.username) == (kind, username)]

    def finish(self, session: Session, delay: float) -> None:
        with self._lock:
            session.finished_at = now()
        if delay:
            timer = Timer(delay, self._remove_device, (session,))
            timer.daemon = True
            timer.start()
        else:
            self._remove_device(session)

    def replace_on_device(self, username: str, device_id: str) -> None:
        """What a compatibility login does to the older ones of its device."""
        with self._lock:
            for session in self.of(COMPAT, username):
                if session.device_id == device_id and not session.finished_at:
                    session.finished_at, session.device_handled = now(), True

    def use(self, session: Session, token: str, cache: float) -> str | None:
        """The token with which Synapse answers, or none when MAS says that this one is not active."""
        with self._lock:
            moment = time.monotonic()
            fresh = session.introspected is not None and moment - session.introspected <= cache
            if not session.finished_at:
                session.introspected = session.introspected if fresh else moment
                return token
            other = self._other_on_device(session)
            if session.refused or not fresh or (session.device_handled and not other):
                session.refused = True
                return None
            return other.token if other and session.device_handled else token

    def _remove_device(self, session: Session) -> None:
        with self._lock:
            session.device_handled = True
            if not self._other_on_device(session):
                self._synapse.remove_device_of(session.token)

    def _other_on_device(self, session: Session) -> Session | None:
        for other in self._all:
            same = (other.username, other.device_id) == (session.username, session.device_id)
            if same and other is not session and not other.finished_at:
                return other
        return None
