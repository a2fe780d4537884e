"""A task in a playbook that keeps a session: the module in both ways that users have it, `ansible.builtin.uri`, and modules that do nothing."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import table
from bench.process import ENVIRONMENT
from bench.stage import BINARY, HERE, ROOT, SESSION, Stage, write
from bench.table import Row

sys.path += [str(ROOT / "tests/homeserver"), str(ROOT / "tests/leaks")]
import ports
from sshd import Sshd

_EMPTY, _NOOP, _LARGE_NOOP = "empty", "no-op module", "no-op module of our size"
_DROP_IN, _COLLECTION, _URI = "drop-in", "collection", "uri"
_ROUND_TRIP = 0.05
Goals = dict[tuple[str, str], float]


def local(stage: Stage) -> Iterator[Row]:
    goals = {(_DROP_IN, _LARGE_NOOP): 1.10, (_COLLECTION, _NOOP): 1.0}
    yield from _rows(stage, {"ansible_connection": "local"}, 75, goals)


def far(stage: Stage) -> Iterator[Row]:
    with _behind_sshd(stage) as host:
        yield from _rows(stage, host, 5, {(_COLLECTION, _URI): 0.5})


def _rows(stage: Stage, host: dict[str, Any], rounds: int, goals: Goals) -> Iterator[Row]:
    """What each takes beyond an empty task, because what Ansible takes for any task hides differences."""
    seconds = _measured(stage, host, rounds)
    beyond = {
        name: [value - empty for value, empty in zip(values, seconds[_EMPTY], strict=True)]
        for name, values in seconds.items()
    }
    for ours in (_COLLECTION, _DROP_IN):
        for theirs in (_URI, _NOOP, _LARGE_NOOP):
            goal, form = goals.get((ours, theirs)), table.milliseconds
            yield table.compared(ours, form, beyond[ours], theirs, beyond[theirs], goal)
    form = table.milliseconds
    yield table.compared(
        f"{_COLLECTION}, whole task", form, seconds[_COLLECTION], _URI, seconds[_URI]
    )


def _measured(stage: Stage, host: dict[str, Any], rounds: int) -> dict[str, list[float]]:
    """One playbook, with the tasks in another order in each round; the first round warms up."""
    options = stage.http.arguments(session_file=stage.http.session_file)
    whoami = f"{stage.http.url}/_matrix/client/v3/account/whoami"
    header = {"Authorization": f"Bearer {SESSION['access_token']}"}
    kinds: dict[str, dict[str, Any]] = {
        _EMPTY: {"ansible.builtin.debug": {"msg": ""}},
        _NOOP: {"noop": options},
        _LARGE_NOOP: {"large_noop": options},
        _DROP_IN: {"matrix_access_token": options},
        _COLLECTION: {"selfhosted.matrix.matrix_access_token": options},
        _URI: {"ansible.builtin.uri": {"url": whoami, "headers": header, "return_content": True}},
    }
    tasks = [
        {"name": name, "no_log": True, **kinds[name]}
        for number in range(rounds + 1)
        for name in table.rotated(list(kinds), number)
    ]
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    for timing in _play(stage, host, tasks)[len(kinds) :]:
        seconds[timing["task"]].append(timing["seconds"])
    return seconds


def _play(stage: Stage, host: dict[str, Any], tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With nothing of the developer's own. Every task must succeed and change nothing."""
    folder = stage.folder
    _install(stage)
    host = host | {"ansible_python_interpreter": sys.executable}
    write(folder / "hosts.json", {"all": {"hosts": {"host": host}}})
    write(folder / "playbook.yml", [{"hosts": "all", "gather_facts": False, "tasks": tasks}])
    settings = {
        "HOME": str(folder),
        "ANSIBLE_HOME": str(folder / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_LIBRARY": str(folder / "library"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "stopwatch",
        "ANSIBLE_PIPELINING": "1",
        "STOPWATCH_FILE": str(folder / "timings.jsonl"),
        "LC_ALL": "C.UTF-8",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.json"]
    done = subprocess.run(
        [*command, "playbook.yml"],
        cwd=folder,
        env=ENVIRONMENT | settings,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    lines = (folder / "timings.jsonl").read_text(encoding="utf-8").splitlines()
    timings: list[dict[str, Any]] = [json.loads(line) for line in lines]
    if done.returncode or any(timing["outcome"] != "ok" for timing in timings):
        raise RuntimeError(f"the playbook failed:\n{done.stdout[-2000:]}")
    return timings


def _install(stage: Stage) -> None:
    """The collection, found as if installed; the drop-in, and modules that do nothing: one small, one as large as the drop-in."""
    place = stage.folder / "collections/ansible_collections/selfhosted/matrix"
    if place.is_symlink():
        return
    place.parent.mkdir(parents=True)
    place.symlink_to(ROOT / "ansible")
    module, noop = BINARY.read_bytes(), stage.noop.read_bytes()
    files = {"matrix_access_token": module, "noop": noop, "large_noop": noop + module[len(noop) :]}
    (stage.folder / "library").mkdir()
    for name, content in files.items():
        (stage.folder / "library" / name).write_bytes(content)


@contextmanager
def _behind_sshd(stage: Stage) -> Iterator[dict[str, Any]]:
    """A real one, at the end of a network on which a round trip takes its time."""
    sshd = Sshd(stage.folder / "sshd", stage.folder, ports.free())
    try:
        key = (stage.folder / "sshd/host_key.pub").read_text()
        (stage.folder / "sshd/known_hosts").write_text(f"bench {key}")
        host = sshd.inventory() | {"ansible_port": _delayed(sshd.port)}
        host["ansible_ssh_common_args"] += " -o HostKeyAlias=bench"
        yield host
    finally:
        sshd.stop()


def _delayed(port: int) -> int:
    """A port that leads to this one: each piece is passed on half a round trip later, in both directions."""
    ready: list[int] = []
    listening = threading.Event()

    async def deliver(
        wire: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter
    ) -> None:
        piece = b"begun"
        while piece:
            due, piece = await wire.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            writer.write(piece)
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire: "asyncio.Queue[tuple[float, bytes]]" = asyncio.Queue()
        delivery = asyncio.create_task(deliver(wire, writer))
        piece = b"begun"
        while piece:
            try:
                piece = await reader.read(65536)
            except OSError:
                piece = b""
            wire.put_nowait((asyncio.get_running_loop().time() + _ROUND_TRIP / 2, piece))
        await delivery

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, there[1]), carry(there[0], writer))

    async def serve() -> None:
        server = await asyncio.start_server(connect, "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])
        listening.set()
        await server.serve_forever()

    threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
    listening.wait()
    return ready[0]
