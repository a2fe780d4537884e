"""Owns the licences of what the binaries hold and others wrote: what there is, and every text of it once.

third_party.py FOLDER    writes THIRD-PARTY.txt and RUST-STANDARD-LIBRARY.html there
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

_TARGETS = (
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "arm-unknown-linux-musleabihf",
)
_TEXT = re.compile(r"(licen[sc]e|unlicense|copying|copyright|notice)([-.].*)?", re.IGNORECASE)
_ZIG = Path(".cache/zig")
_HEAD = """What the binaries are made of, beside matrix_access_token itself:

{contents}
Rust's standard library (see RUST-STANDARD-LIBRARY.html)
musl, the C library (MIT)

The texts that come with them:
"""


def main(folder: Path) -> None:
    crates = linked_crates()
    names: dict[str, list[str]] = {}
    for name, text in [found for crate in crates for found in texts(crate)] + [musl()]:
        names.setdefault(text.strip(), []).append(name)
    contents = "\n".join(f"{full_name(crate)} ({crate['license']})" for crate in crates)
    sections = [f"{', '.join(names)}\n{'-' * 60}\n\n{text}\n" for text, names in names.items()]
    notices = "\n\n".join([_HEAD.format(contents=contents), *sections])
    (folder / "THIRD-PARTY.txt").write_text(notices, encoding="utf-8")
    shutil.copyfile(standard_library(), folder / "RUST-STANDARD-LIBRARY.html")


def linked_crates() -> list[dict[str, Any]]:
    """The crates that end up in a binary: none that only builds it, or tests it."""
    linked = {name for target in _TARGETS for name in dependencies(target)}
    packages = json.loads(output("cargo", "metadata", "--locked", "--format-version=1"))["packages"]
    crates = [package for package in packages if full_name(package) in linked]
    return sorted((crate for crate in crates if crate["source"]), key=full_name)


def dependencies(target: str) -> set[str]:
    tree = ("cargo", "tree", "--locked", "--edges=normal,no-proc-macro", "--prefix=none")
    lines = output(*tree, "--format={p}", f"--target={target}").splitlines()
    return {" ".join(line.split()[:2]) for line in lines}


def full_name(package: dict[str, Any]) -> str:
    return f"{package['name']} v{package['version']}"


def texts(crate: dict[str, Any]) -> list[tuple[str, str]]:
    source = Path(crate["manifest_path"]).parent
    files = sorted(file for file in source.rglob("*") if _TEXT.fullmatch(file.name))
    if not files:
        sys.exit(f"{full_name(crate)} comes without the text of its licence")
    return [(f"{crate['name']}/{file.relative_to(source)}", read(file)) for file in files]


def musl() -> tuple[str, str]:
    (file,) = _ZIG.glob("lib/*/site-packages/ziglang/lib/libc/musl/COPYRIGHT")
    return "musl/COPYRIGHT", read(file)


def standard_library() -> Path:
    return Path(output("rustc", "--print=sysroot").strip(), "share/doc/rust/COPYRIGHT-library.html")


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
