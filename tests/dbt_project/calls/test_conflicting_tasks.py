"""Two sources that are told different tasks for the same calls: said, until one gives way."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.checks.calls import conflicting_tasks
from pipelines.checks.check import Check
from tests.support.warehouse import Workspace

SOURCE = """
format = "mapped"
file_type = "csv"
precedence = {precedence}
[fields]
call_id = "id"
trace_id = "trace"
task_id = "{task}"
provider_response_id = "response"
started_at = "at"
provider = {{ constant = "openai" }}
response_model = {{ constant = "m" }}
[tokens]
input = "in"
output = "in"
"""
HEAD = "id,trace,task,other,response,at,in\n"


def configure(workspace: Workspace, source: str, precedence: int, task: str = "task") -> None:
    workspace.configure(source, SOURCE.format(precedence=precedence, task=task))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Four calls that both see, one that nobody else sees, and one of too long ago."""
    workspace = Workspace(tmp_path, models=("fct_duplicate_calls", "fct_usage_daily"))
    configure(workspace, "proxy", 10)
    configure(workspace, "spans", 40)
    workspace.drop("proxy", "a.csv", HEAD + (
        "p0,,T0,,r0,2026-09-01T10:00:00Z,1\n"
        "p1,,T1,,r1,2026-09-20T10:00:00Z,1\n"
        "p2,,T2,,r2,2026-09-20T11:00:00Z,1\n"
        "p3,,T3,,r3,2026-09-20T12:00:00Z,1\n"
        "p4,,,,r4,2026-09-20T13:00:00Z,1\n"
    ))  # fmt: skip
    workspace.drop("spans", "a.csv", HEAD + (
        "s0,x0,other,T0,r0,2026-09-01T10:00:00Z,1\n"
        "s1,x1,ticket-1,T1,r1,2026-09-20T10:00:00Z,1\n"
        "s2,x2,T2,T2,r2,2026-09-20T11:00:00Z,1\n"
        "s3,x3,x3,T3,r3,2026-09-20T12:00:00Z,1\n"  # its trace stands for its task
        "s4,x4,ticket-4,T4,r4,2026-09-20T13:00:00Z,1\n"  # which the proxy does not know
        "s5,x5,ticket-5,T5,r5,2026-09-20T14:00:00Z,1\n"
    ))  # fmt: skip
    return workspace


def checked(workspace: Workspace) -> Check:
    workspace.build()
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        return conflicting_tasks(con)


def test_the_pair_is_named_with_calls_and_an_example(workspace: Workspace) -> None:
    found = checked(workspace)
    assert (found.passed, found.turns_red) == (False, False)
    assert found.detail.endswith(
        "name different tasks: proxy and spans of 1 (of p1 counts T1, not ticket-1)"
    )
    assert "in config/sources/spans.toml give as `task_id`" in found.cure
    assert workspace.query("select call_id, task_id from marts.fct_duplicate_calls order by 1") == [
        ("s0", "other"), ("s1", "ticket-1"), ("s2", "T2"), ("s3", None), ("s4", "ticket-4"),
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["other", "trace"])
def test_the_other_source_may_name_the_same_task_or_none(workspace: Workspace, place: str) -> None:
    assert not checked(workspace).passed
    configure(workspace, "spans", 40, place)
    assert checked(workspace).passed


@pytest.mark.slow
def test_the_other_source_may_go_first(workspace: Workspace) -> None:
    assert not checked(workspace).passed
    configure(workspace, "spans", 5)
    assert not checked(workspace).passed  # now the proxy's task is the one that does not count
    configure(workspace, "proxy", 10, "trace")
    assert checked(workspace).passed
    assert workspace.value("select task_id from marts.fct_calls where call_id = 's1'") == "ticket-1"
