"""Ansible Galaxy would take the collection, and shows what is in it."""

import json
from pathlib import Path

import tools

# Galaxy wants one. Ours is not settled; whoever publishes the collection adds it.
_ADDRESS = "repository: https://example.com/"


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
