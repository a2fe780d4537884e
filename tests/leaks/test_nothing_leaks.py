"""No secret is anywhere but where it belongs, and the scan did look everywhere."""

import re
import stat

import pytest

from scan import Findings
from search import summary


def test_no_secret_was_printed_logged_cached_or_left_behind(findings: Findings) -> None:
    assert not findings.leaks, f"\n{summary(findings.leaks)}"


def test_the_homeserver_handed_out_tokens_to_search_for(findings: Findings) -> None:
    names = [secret.name for secret in findings.world.witnessed.handed_out]
    assert names.count("handed-out access_token") > 60
    assert names.count("handed-out refresh_token") == 4
    # For each way and host: a token for the admin API, for each of three tasks; one of a session made there, and four by a command.
    of_mas = [secret.value[:4] for secret in findings.world.homeserver.mas.cases["mas"].handed_out]
    assert of_mas.count("mat_") >= 12 and of_mas.count("syt_") >= 20


@pytest.mark.parametrize(
    "pattern",
    [
        "output/ansible.log",
        "output/everything.jsonl",
        "output/scan-*.txt",
        "output/short-*.txt",
        "junit/scan-*.xml",
        "tree/over_ssh",
        "log_plays/here",
        "log_plays/over_ssh",
        "cache/*here",
        "retry/short.retry",
        "home/.ansible_async/*",
        "sessions/*-over_ssh.json",
    ],
)
def test_something_was_written_where_it_was_looked_for(findings: Findings, pattern: str) -> None:
    files = list(findings.world.root.glob(pattern))
    assert files and all(file.stat().st_size for file in files)


def test_the_output_was_as_talkative_as_meant(findings: Findings) -> None:
    assert "task path:" not in findings.outputs["short-collection-v1"]
    assert "task path:" in findings.outputs["short-collection-v2"]
    assert "SSH: EXEC" in findings.outputs["short-collection-v3"]
    for run in ("scan-collection", "scan-drop_in"):
        assert "SSH: EXEC" in findings.outputs[run]


@pytest.mark.parametrize(
    "run, shape",
    [
        ("collection-minimal", r"^over_ssh \| FAILED! => \{$"),
        ("collection-oneline", r'^over_ssh \| FAILED! => \{ *"'),
        ("collection-ansible.posix.json", r'^    "plays": \[$'),
        ("drop_in-ansible.posix.json", r'^    "plays": \[$'),
        ("collection-community.general.yaml", r"FAILED! => changed=false $"),
        ("collection-result_format", r"FAILED! =>\s*$"),
    ],
)
def test_each_callback_printed_in_its_way(findings: Findings, run: str, shape: str) -> None:
    assert re.search(shape, findings.outputs[f"short-{run}"], re.MULTILINE)


def test_session_files_are_private(findings: Findings) -> None:
    sessions = list(findings.world.sessions.iterdir())
    modes = {stat.filemode(path.stat().st_mode) for path in sessions if path.suffix != ".lock"}
    assert modes == {"-rw-------"}


def test_a_crash_would_leave_no_image_of_the_module(findings: Findings) -> None:
    assert [module.core_file_limit for module in findings.modules] == ["0 0"] * 5
