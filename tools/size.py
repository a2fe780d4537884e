#!/usr/bin/env python3
"""What each crate costs in the released binary: builds it with symbols, and adds up their sizes.

With link-time optimisation a function may end up within another crate's, so this tells the order of things, not the last byte.
"""

import collections
import pathlib
import re
import subprocess
import sys

TARGET = sys.argv[1] if len(sys.argv) > 1 else "x86_64-unknown-linux-musl"
FOLDER = pathlib.Path("target/size")
BUILT = FOLDER / TARGET / "release"
STANDARD = {"std", "core", "alloc", "compiler_builtins", "std_detect", "hashbrown"}


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def crates() -> set[str]:
    tree = output("cargo", "tree", "--edges=normal", "--prefix=none", f"--target={TARGET}")
    return {line.split()[0].replace("-", "_") for line in tree.splitlines() if line} | {"webpki"}


def names_in(archives: list[pathlib.Path]) -> set[str]:
    listing = output("nm", "--defined-only", "--format=posix", *map(str, archives))
    return {line.split()[0] for line in listing.splitlines() if line}


def main() -> None:
    strip = "profile.release.strip='none'"
    command = ["cargo", "build", "--release", "--locked", "--target", TARGET]
    subprocess.run([*command, "--target-dir", str(FOLDER), "--config", strip], check=True)
    library = pathlib.Path(output("rustc", "--print=sysroot").strip()) / "lib/rustlib" / TARGET
    ring = names_in(list(BUILT.glob("build/ring-*/out/*.a")))
    musl = names_in([library / "lib/self-contained/libc.a"])
    known = crates() | STANDARD

    def owner(symbol: str) -> str:
        if symbol in ring or "ring_core" in symbol:
            return "ring (C and assembly)"
        if symbol in musl:
            return "musl (C library)"
        paths = (path for path in re.findall(r"(\w+)::", symbol) if path in known)
        crate = next(paths, "other")
        return "std, core, alloc" if crate in STANDARD else crate

    sizes: collections.Counter[str] = collections.Counter()
    for line in output("nm", "--demangle", "-S", str(BUILT / "matrix_access_token")).splitlines():
        match line.split(maxsplit=3):
            case [_, size, kind, symbol] if kind not in "bB":
                sizes[owner(symbol)] += int(size, 16)
    for crate, total in sizes.most_common(12):
        print(f"{total:9,}  {crate}")
    print(f"{sum(sizes.values()):9,}  all that has a name")


if __name__ == "__main__":
    main()
