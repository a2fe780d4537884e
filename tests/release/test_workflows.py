"""What GitHub runs is checked: actionlint notices mistakes, and no step gets more than it needs."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

MISTAKES = {
    "no such job": ("    runs-on: ubuntu-latest", "    needs: nobody\n    runs-on: ubuntu-latest"),
    "no such key": ("        run: make test", "        rum: make test"),
    "injection": ("run: make test", "run: echo ${{ github.event.pull_request.title }}"),
    "no such context": ("run: make test", "run: make ${{ nothing.here }}"),
}


def workflows(project: Path) -> dict[str, dict[str, Any]]:
    files = (project / ".github/workflows").iterdir()
    return {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_actionlint_notices(project: Path, tmp_path: Path, mistake: tuple[str, str]) -> None:
    right, wrong = mistake
    text = (project / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert right in text
    workflow = tmp_path / "ci.yml"
    workflow.write_text(text.replace(right, wrong), encoding="utf-8")
    command = [project / "tools/lint-workflows", workflow]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert linted.returncode == 1 and str(workflow) in linted.stderr


def test_workflows_may_only_read_and_the_release_may_publish(project: Path) -> None:
    allowed = {
        (name, job): content.get("permissions", workflow["permissions"])
        for name, workflow in workflows(project).items()
        for job, content in workflow["jobs"].items()
    }
    assert allowed == {
        ("ci.yml", "test"): {"contents": "read"},
        ("release.yml", "release"): {"contents": "write"},
    }


def test_foreign_actions_are_pinned_and_keep_no_token(project: Path) -> None:
    for workflow in workflows(project).values():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "uses" in step:
                    commit = step["uses"].partition("@")[2]
                    assert len(commit) == 40 and int(commit, 16)
                    assert step["with"]["persist-credentials"] is False


def test_the_scripts_in_them_pass_shellcheck(project: Path) -> None:
    scripts = [
        step["run"]
        for workflow in workflows(project).values()
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    assert scripts
    command = ["shellcheck", "--shell=bash", "--severity=style", "-"]
    for script in scripts:
        subprocess.run(command, input=script, text=True, check=True)
