"""What the README and the pages it leads to quote from elsewhere is what stands there: messages, versions, the picture of the demo."""

import re
import tomllib
from html import unescape
from xml.etree import ElementTree

import pytest

from ansible_cores import CORES
from pages import PROJECT

_README = (PROJECT / "README.md").read_text(encoding="utf-8")
_TROUBLESHOOTING = (PROJECT / "docs/troubleshooting.md").read_text(encoding="utf-8")
_MESSAGES = _TROUBLESHOOTING.partition("\n## Messages of the module\n")[2].partition("\n## ")[0]
_TESTED = (PROJECT / "docs/testing.md").read_text(encoding="utf-8")
_SOURCES = [
    *PROJECT.glob("src/**/*.rs"),
    *PROJECT.glob("ansible/plugins/action/*.py"),
    *PROJECT.glob("ansible/plugins/plugin_utils/*.py"),
]


def _quoted() -> list[str]:
    return re.findall(r"^\| `([^`]+)", _MESSAGES, re.MULTILINE)


def test_there_are_messages_under_troubleshooting() -> None:
    assert len(_quoted()) > 10


@pytest.mark.parametrize("message", _quoted())
def test_a_message_under_troubleshooting_is_one_that_is_printed(message: str) -> None:
    assert any(message in source.read_text(encoding="utf-8") for source in _SOURCES)


def test_the_versions_of_ansible_core_are_those_that_are_run() -> None:
    released = [str(core) for core in CORES if core.is_released]
    first, *_, last = released
    assert f"It works with ansible-core {first} to {last}." in _README
    (candidate,) = [str(core) for core in CORES if not core.is_released]
    assert f"{', '.join(released)} and the release candidate of {candidate}." in _TESTED


def test_the_version_of_synapse_is_the_one_that_is_run() -> None:
    pins = (PROJECT / "tests/requirements.txt").read_text(encoding="utf-8")
    pinned = re.search(r"^matrix-synapse==(\d+\.\d+)", pins, re.MULTILINE)
    assert pinned
    for page in (_README, _TESTED):
        assert f"a real Synapse ({pinned[1]})" in page


def test_the_version_of_rust_is_the_oldest_that_will_do() -> None:
    needed = tomllib.loads((PROJECT / "Cargo.toml").read_text(encoding="utf-8"))
    assert f"Rust {needed['package']['rust-version']} or newer" in _README


def test_the_picture_shows_each_step_of_the_demo_and_no_token() -> None:
    demo = (PROJECT / "tools/demo").read_text(encoding="utf-8")
    drawing = ElementTree.parse(PROJECT / "docs/demo.svg")
    shown = unescape("".join(drawing.getroot().itertext())).replace("\xa0", " ")
    steps = re.findall(r'^step "([^"$]+)"$', demo, re.MULTILINE)
    assert len(steps) == demo.count("\nstep ")
    for step in steps:
        assert step in shown
    assert "syt_" not in shown
