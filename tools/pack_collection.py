"""Owns the collection's tarball: what `ansible-galaxy collection build` makes, freed of the time and the folder it was made in.

SOURCE_DATE_EPOCH=... pack_collection.py COLLECTION FOLDER    writes FOLDER/NAMESPACE-NAME-VERSION.tar.gz
"""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

_LIST = "FILES.json"
_MANIFEST = "MANIFEST.json"


def main(collection: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        command = ["ansible-galaxy", "collection", "build", str(collection)]
        subprocess.run([*command, "--output-path", temporary], check=True, stdout=subprocess.PIPE)
        (built,) = Path(temporary).iterdir()
        packed = normalised(built, int(os.environ["SOURCE_DATE_EPOCH"]))
    folder.mkdir(exist_ok=True)
    (folder / built.name).write_bytes(packed)


def normalised(tarball: Path, time: int) -> bytes:
    members = read(tarball)
    put_in_order(members)
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as compressed,
        tarfile.open(mode="w", fileobj=compressed, format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, (mode, data) in sorted(members.items()):
            tar.addfile(member(name, mode, data, time), io.BytesIO(data or b""))
    return packed.getvalue()


def read(tarball: Path) -> dict[str, tuple[int, bytes | None]]:
    """Name → mode and content; a folder has none."""
    with tarfile.open(tarball) as tar:
        return {entry.name: (entry.mode, content(tar, entry)) for entry in tar.getmembers()}


def content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes | None:
    file = tar.extractfile(entry)
    return file.read() if file else None


def put_in_order(members: dict[str, tuple[int, bytes | None]]) -> None:
    """The list of files follows the order of the disk, and the manifest holds the list's checksum."""
    mode, listed = members[_LIST]
    files = json.loads(listed or b"")
    files["files"].sort(key=lambda file: file["name"])
    listed = json.dumps(files, indent=1, sort_keys=True).encode()
    members[_LIST] = mode, listed

    mode, described = members[_MANIFEST]
    manifest = json.loads(described or b"")
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listed).hexdigest()
    members[_MANIFEST] = mode, json.dumps(manifest, indent=1, sort_keys=True).encode()


def member(name: str, mode: int, data: bytes | None, time: int) -> tarfile.TarInfo:
    """Without owner, and with the modes that ansible-galaxy gives: 0755 to what may be executed, else 0644."""
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = mode, time
    if data is None:
        entry.type = tarfile.DIRTYPE
    else:
        entry.size = len(data)
    return entry


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
