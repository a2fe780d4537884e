"""Owns what is searched for: each secret, in the shapes that it could be written down in."""

import base64
import re
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class SecretText:
    """A secret, and the part of it that no escaping changes, be it JSON's, a URL's or a shell's."""

    name: str
    value: str
    core: str

    def shapes(self) -> dict[str, bytes]:
        """The core as it is, and in base64 wherever in a longer text it stands."""
        core = self.core.encode()
        shapes = {"plain": core}
        for before in range(3):
            shapes[f"base64 at offset {before}"] = _inside_base64(core, before)
        return shapes


def planted(name: str) -> SecretText:
    """A made-up secret that can travel in an HTTP header."""
    core = secrets.token_hex(10)
    return SecretText(name, f"{name}_{core}", core)


def planted_password(name: str) -> SecretText:
    """A made-up secret that every notation writes differently."""
    core = secrets.token_hex(10)
    return SecretText(name, f"ż \"'\\/+&=%{core}%=&+/\\'\" 😀", core)


def handed_out(name: str, value: str) -> SecretText:
    """A token of the homeserver's making: letters, digits and underscores."""
    return SecretText(name, value, value)


def with_signs(name: str, value: str) -> SecretText:
    """Somebody else's secret, of which the longest part without signs is searched for."""
    return SecretText(name, value, max(re.split("[^A-Za-z0-9]", value), key=len))


def _inside_base64(core: bytes, before: int) -> bytes:
    """Only the characters that depend on nothing around the core."""
    encoded = base64.b64encode(b"\0" * before + core)
    first = (before * 8 + 5) // 6
    complete = (before + len(core)) * 8 // 6
    return encoded[first:complete]
