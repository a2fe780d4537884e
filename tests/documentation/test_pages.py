"""Every page is whole: each block is of a kind that some test looks after, and each link leads somewhere."""

from pathlib import Path

import pytest

from pages import PROJECT, Block, anchors, blocks, has_stray_fence, links, name, pages

# YAML and commands are run: test_playbooks.py and test_commands.py.
_LOOKED_AFTER = {"yaml", "sh", "json", "text"}
_LINKS = [(name(page), link) for page in pages() for link in links(page)]
_HERE = [(page, link) for page, link in _LINKS if "://" not in link]


def _of(language: str) -> list[Block]:
    return [block for block in blocks() if block.language == language]


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_a_block_is_of_a_kind_that_is_tested(block: Block) -> None:
    assert block.language in _LOOKED_AFTER


@pytest.mark.parametrize("page", pages(), ids=name)
def test_no_block_is_overlooked(page: Path) -> None:
    assert not has_stray_fence(page)


@pytest.mark.parametrize("page, link", _HERE)
def test_a_link_leads_somewhere(page: str, link: str) -> None:
    file, _, anchor = link.partition("#")
    target = (PROJECT / page).parent / file if file else PROJECT / page
    assert target.exists()
    assert not anchor or anchor in anchors(target)


@pytest.mark.parametrize("block", _of("text"), ids=str)
def test_a_list_of_places_names_what_is_there(block: Block) -> None:
    for line in block.text.splitlines():
        assert (PROJECT / line.split()[0]).exists(), line
