"""Which versions of ansible-core are meant by a word, and by none too many."""

import pytest

from ansible_cores import CORES, selected


@pytest.mark.parametrize(
    "words, numbers",
    [
        ("all", "2.16 2.18 2.19 2.20 2.21 2.22"),
        ("oldest default newest", "2.16 2.19 2.21"),
        ("newest 2.18 2.21", "2.18 2.21"),
        ("2.20.10", "2.20"),
    ],
)
def test_a_word_means_versions(words: str, numbers: str) -> None:
    assert " ".join(str(core) for core in selected(words.split())) == numbers


def test_what_nobody_has_is_refused() -> None:
    with pytest.raises(SystemExit):
        selected(["2.15"], CORES)
