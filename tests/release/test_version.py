"""The version stands in Cargo.toml; whatever repeats it says the same."""

import re
import subprocess
from pathlib import Path

import yaml


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def test_the_collection_has_the_version_of_the_binary(project: Path, version: str) -> None:
    galaxy = yaml.safe_load((project / "ansible/galaxy.yml").read_text(encoding="utf-8"))
    assert galaxy["version"] == version


def test_the_changelog_opens_with_this_version(project: Path, version: str) -> None:
    headings = re.findall(r"^## (.*)$", (project / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(version)} \((unreleased|\d{{4}}-\d\d-\d\d)\)", headings[0])


def test_nothing_was_added_in_a_version_to_come(project: Path, version: str) -> None:
    documentation = (project / "ansible/plugins/modules/matrix_access_token.py").read_text("utf-8")
    added = re.findall(r"^ *version_added: *\"?([\d.]+)", documentation, re.MULTILINE)
    assert added
    assert all(numbers(each) <= numbers(version) for each in added)


def test_a_tag_of_another_version_is_not_released(project: Path, version: str) -> None:
    refused = release_notes(project, "v99.0.0")
    assert refused.returncode == 1
    assert refused.stderr == f"the tag is v99.0.0, but the version in Cargo.toml is {version}\n"


def test_the_notes_of_a_release_are_its_part_of_the_changelog(
    project: Path, version: str, tmp_path: Path
) -> None:
    (tmp_path / "tools").mkdir()
    for file in ("tools/release-notes", "Cargo.toml"):
        (tmp_path / file).write_bytes((project / file).read_bytes())
    (tmp_path / "tools/release-notes").chmod(0o755)
    changelog = tmp_path / "CHANGELOG.md"

    changelog.write_text(f"# Changelog\n\n## {version} (unreleased)\n\n- New\n", encoding="utf-8")
    refused = release_notes(tmp_path, f"v{version}")
    assert refused.returncode == 1 and "no heading" in refused.stderr

    dated = f"# Changelog\n\n## {version} (2026-01-02)\n\n- New\n\n## 0.0.9 (2026-01-01)\n\n- Old\n"
    changelog.write_text(dated, encoding="utf-8")
    assert (
        release_notes(tmp_path, f"v{version}")
        .stdout.strip()
        .endswith(f"selfhosted-matrix-{version}.tar.gz\n\n\n- New")
    )


def release_notes(project: Path, tag: str) -> subprocess.CompletedProcess[str]:
    command = [str(project / "tools/release-notes"), tag, "https://example.com/project"]
    return subprocess.run(command, capture_output=True, text=True, check=False)
