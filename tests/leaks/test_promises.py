"""What the documentation promises about secrecy, on each version of ansible-core."""

import pytest

from ansible_cores import Core
from scan import Findings

_REFUSAL = "the fact cache (jsonfile) would store the access token unencrypted"
_REFUSAL_OF_ASYNC = "`async` would show the access token"


def test_a_token_that_would_be_cached_is_refused_before_any_request(
    findings: Findings, core: Core
) -> None:
    refused = _REFUSAL in findings.outputs["cached"]
    asked = [path for path in findings.world.witnessed.paths if path.startswith("cached/")]
    assert (refused, bool(asked)) == (
        not core.keeps_facts_out_of_the_cache,
        core.keeps_facts_out_of_the_cache,
    )


def test_a_token_is_a_fact_where_facts_live_in_memory(findings: Findings) -> None:
    assert _REFUSAL not in findings.outputs["in_memory"]
    assert any(path.startswith("in_memory/") for path in findings.world.witnessed.paths)


def test_the_plugin_refuses_async_before_any_request(findings: Findings) -> None:
    for run in ("cached", "in_memory"):
        assert _REFUSAL_OF_ASYNC in findings.outputs[run]
    assert not any(path.startswith("async/") for path in findings.world.witnessed.paths)


def test_a_wrong_password_over_ssh_is_explained_at_the_highest_verbosity(
    findings: Findings,
) -> None:
    output = findings.outputs["scan-collection"]
    task = output.split("TASK [Fail with a wrong password]")[1].split("TASK [")[0]
    fatal = task.split("fatal: [over_ssh]: FAILED! =>")[1]
    assert findings.world.user_id in fatal
    assert findings.world.url("passed") in fatal
    assert "M_FORBIDDEN" in fatal


def test_a_failed_item_of_a_loop_is_explained_though_the_item_is_hidden(
    findings: Findings,
) -> None:
    output = findings.outputs["scan-collection"]
    task = output.split("TASK [Log in several, one of them wrongly]")[1].split("TASK [")[0]
    assert "M_FORBIDDEN" in task


@pytest.mark.parametrize("run", ["broken", "broken-pipelining"])
def test_the_output_of_a_broken_binary_is_replaced_by_an_explanation(
    findings: Findings, run: str
) -> None:
    for task in ("TASK [Crash]", "TASK [Babble]"):
        shown = findings.outputs[run].split(task)[1].split("TASK [")[0]
        for host in ("here", "over_ssh"):
            fatal = shown.split(f"fatal: [{host}]: FAILED! =>")[1]
            assert "the binary ended without a result" in fatal
