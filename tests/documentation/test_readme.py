"""What the README quotes from elsewhere is what stands there: messages, versions, the picture of the demo."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from ansible_cores import CORES
from pages import PROJECT

_README = (PROJECT / "README.md").read_text(encoding="utf-8")
_TROUBLESHOOTING = _README.partition("\n## Troubleshooting\n")[2].partition("\n## ")[0]
_TESTED = _README.partition("\n## How it was tested\n")[2].partition("\n## ")[0]
_SOURCES = [
    *PROJECT.glob("src/**/*.rs"),
    *PROJECT.glob("ansible/plugins/action/*.py"),
    *PROJECT.glob("ansible/plugins/plugin_utils/*.py"),
]


@pytest.mark.parametrize("message", re.findall(r"^\| `([^`]+)", _TROUBLESHOOTING, re.MULTILINE))
def test_a_message_under_troubleshooting_is_one_that_is_printed(message: str) -> None:
    assert any(message in source.read_text(encoding="utf-8") for source in _SOURCES)


def test_the_versions_of_ansible_core_are_those_that_are_run() -> None:
    first, *_, last = map(str, CORES)
    assert f"It works with ansible-core {first} to {last}." in _README
    *others, last = map(str, CORES)
    assert f"ansible-core {', '.join(others)} and {last} in search of secrets" in _TESTED


def test_the_version_of_synapse_is_the_one_that_is_run() -> None:
    pins = (PROJECT / "tests/requirements.txt").read_text(encoding="utf-8")
    pinned = re.search(r"^matrix-synapse==(\d+\.\d+)", pins, re.MULTILINE)
    assert pinned and f"a real Synapse ({pinned[1]})" in _TESTED


def test_the_picture_shows_each_step_of_the_demo_and_no_token() -> None:
    demo = (PROJECT / "tools/demo").read_text(encoding="utf-8")
    drawing = ElementTree.parse(PROJECT / "docs/demo.svg")
    shown = unescape("".join(drawing.getroot().itertext())).replace("\xa0", " ")
    steps = re.findall(r'^step "([^"$]+)"$', demo, re.MULTILINE)
    assert len(steps) == demo.count("\nstep ")
    for step in steps:
        assert step in shown
    assert "syt_" not in shown
