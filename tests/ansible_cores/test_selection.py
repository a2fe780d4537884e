"""Which versions of ansible-core are meant by a word, and by none too many."""

from pathlib import Path

import pytest

import selection
from ansible_cores import CORES, Core


@pytest.mark.parametrize(
    "words, numbers",
    [
        (["all"], ["2.16", "2.18", "2.19", "2.20", "2.21"]),
        (["oldest", "default", "newest"], ["2.16", "2.19", "2.21"]),
        (["newest", "2.18", "2.21"], ["2.18", "2.21"]),
        (["2.20.10"], ["2.20"]),
    ],
)
def test_a_word_means_versions(words: list[str], numbers: list[str]) -> None:
    assert [str(core) for core in selection.selected(words, list(CORES))] == numbers


def test_the_newest_is_the_newest_that_this_machine_has() -> None:
    without_newer = [core for core in CORES if not core.is_at_least(2, 20)]
    assert [str(core) for core in selection.selected(["newest"], without_newer)] == ["2.19"]


def test_what_nobody_has_is_refused() -> None:
    with pytest.raises(selection.UnknownCore):
        selection.selected(["2.15"], list(CORES))


def test_a_version_that_is_not_here_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Core, "environment", tmp_path)
    assert selection.made() == []
    assert selection.left_out(["oldest", "newest"]) == [CORES[0].why_not, CORES[-1].why_not]
