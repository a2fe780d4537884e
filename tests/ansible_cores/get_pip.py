"""Owns what stands in for get-pip.py, which ansible-test would fetch from a server of its own: the pip of Python itself, then the one that is wanted."""

import subprocess
import sys

# Words of get-pip.py, not of pip.
_OTHER_WORDS = ("--no-setuptools", "--no-wheel")


def main() -> None:
    wanted = [word for word in sys.argv[1:] if word not in _OTHER_WORDS]
    # In a process of its own, for it makes whoever calls it forget pip's settings.
    subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", *wanted])


if __name__ == "__main__":
    main()
