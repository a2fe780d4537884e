"""Owns the signing of JSON Web Tokens, as an identity provider does it: one for USER, with the secret from standard input."""

import argparse
import base64
import hashlib
import hmac
import json
import sys
from typing import Any


def signed(user: str, secret: str) -> str:
    parts = ".".join(_encoded(_json(part)) for part in ({"alg": "HS256"}, {"sub": user}))
    mac = hmac.new(secret.encode(), parts.encode(), hashlib.sha256).digest()
    return f"{parts}.{_encoded(mac)}"


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("user", metavar="USER", help="a localpart")
    print(signed(parser.parse_args().user, sys.stdin.readline().rstrip("\n")))


if __name__ == "__main__":
    main()
