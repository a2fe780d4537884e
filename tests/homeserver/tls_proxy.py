"""Owns a TLS reverse proxy in front of a throwaway homeserver; it ends with the homeserver.

Prints the address that it listens at, and goes on in the background.
"""

import argparse
import ssl
import sys
from dataclasses import replace
from pathlib import Path

import relay
import throwaway


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="of the homeserver")
    parser.add_argument("certificate", metavar="CERTIFICATE", help="PEM file")
    parser.add_argument("key", metavar="KEY", help="PEM file")
    parser.add_argument("--to", metavar="URL", help="what answers in the homeserver's place")
    arguments = parser.parse_args()

    homeserver = throwaway.find(arguments.directory.resolve())
    if not homeserver:
        sys.exit(f"no homeserver runs in {arguments.directory}")
    if arguments.to:
        homeserver = replace(homeserver, homeserver_url=arguments.to)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.certificate, arguments.key)
    listener = relay.listen()
    print(f"https://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    relay.run(listener, homeserver, context=context)


if __name__ == "__main__":
    main()
