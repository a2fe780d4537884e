"""`ansible-doc` shows the module with its examples, and every role with its options, on the oldest and the newest ansible-core here."""

from pathlib import Path

import pytest

import tools
from ansible_cores import Core, wanted

_MODULE = "selfhosted.matrix.matrix_access_token"
_CORES = wanted()
_ROLES = sorted(role.name for role in tools.COLLECTION.glob("roles/*"))


@pytest.mark.parametrize("core", _CORES, ids=str)
def test_it_lists_the_module_without_a_warning(core: Core, tmp_path: Path) -> None:
    listed = tools.ansible_doc(core, tmp_path, "--list", "selfhosted.matrix")
    assert listed.split()[0] == _MODULE
    assert "WARNING" not in listed and "ERROR" not in listed


@pytest.mark.parametrize("core", _CORES, ids=str)
def test_it_shows_options_examples_and_results(core: Core, tmp_path: Path) -> None:
    shown = tools.ansible_doc(core, tmp_path, _MODULE)
    for part in ("session_file", "EXAMPLES:", "DRAUPNIR", "RETURN VALUES:", "login_flows"):
        assert part in shown


@pytest.mark.parametrize("core", _CORES, ids=str)
def test_it_shows_every_role(core: Core, tmp_path: Path) -> None:
    for role in _ROLES:
        shown = tools.ansible_doc(core, tmp_path, "--type", "role", f"selfhosted.matrix.{role}")
        assert f"{role}_accounts" in shown, shown
