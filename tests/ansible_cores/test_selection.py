"""Which versions of ansible-core are meant by a word, and by none too many."""

import pytest

import selection
from ansible_cores import CORES


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
