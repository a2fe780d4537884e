"""Ansible Galaxy would take the collection, and shows what is in it; so does `ansible-doc`, on each version of ansible-core."""

import json
from pathlib import Path

import pytest

import tools
from ansible_cores import Core, wanted

# Galaxy wants one. Ours is not settled; whoever publishes the collection adds it.
_ADDRESS = "repository: https://example.com/"
_MODULE = "selfhosted.matrix.matrix_access_token"
_CORES = wanted()
_ROLES = sorted(role.name for role in tools.COLLECTION.glob("roles/*"))


def test_with_an_address_it_is_imported_without_a_warning(tmp_path: Path) -> None:
    imported = tools.import_into_galaxy(tmp_path, tools.build(tmp_path, _ADDRESS))
    assert imported.returncode == 0, imported.stdout
    assert "WARNING" not in imported.stdout, imported.stdout
    assert "ansible-lint run complete" in imported.stdout
    result = json.loads((tmp_path / "importer_result.json").read_text())
    shown = {(item["content_type"], item["name"]) for item in result["contents"]}
    assert _contents() <= shown


def _contents() -> set[tuple[str, str]]:
    """The module, the action plugin, and every role and playbook that has a place in the collection."""
    roles = {("role", role.name) for role in tools.COLLECTION.glob("roles/*")}
    return {("module", "matrix_access_token"), ("action", "matrix_access_token")} | roles


def test_its_documentation_passes_antsibull_docs(tmp_path: Path) -> None:
    linted = tools.lint_documentation(tmp_path)
    assert (linted.returncode, linted.stdout) == (0, "")


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
