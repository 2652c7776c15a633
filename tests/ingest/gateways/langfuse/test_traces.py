"""Traces and observations of Langfuse as spans, and calls that come again or from elsewhere too."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from tests.ingest.gateways.langfuse.rows import (
    WINDOW,
    export,
    land,
    langfuse,
    observation,
    score,
    trace,
)
from tests.support.warehouse import Workspace

AT = datetime(2026, 10, 5, 10, 0, 0, 250_000)


def test_traces_and_observations_of_every_type_are_kept_as_they_are(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    export(lake, "traces", trace())
    export(
        lake, "observations",
        observation("agent", type="AGENT", metadata={"tenant_id": "globex"}),
        observation("ask", parent_observation_id="agent", metadata={}),
    )  # fmt: skip
    land(lake)
    assert lake.rows(
        "select trace_id, span_id, parent_span_id, operation, agent_name, tenant_id, feature,"
        " session_id, started_at from rows order by span_id nulls first", "trace_spans",
    ) == [
        ("t1", None, None, None, None, "acme", "support", "s1", datetime(2026, 10, 5, 10)),
        ("t1", "t1/agent", None, None, "answer", "globex", None, None, AT),
        ("t1", "t1/ask", "t1/agent", "chat", None, None, None, None, AT),
    ]  # fmt: skip
    assert lake.rows("select call_id, tenant_id, task_id from rows") == [("t1/ask", None, None)]
    assert lake.catalog("select source_file, rows_loaded from files order by 1") == [
        (f"p1/observations/{WINDOW}.jsonl", 1), (f"p1/traces/{WINDOW}.jsonl", 0),
    ]  # fmt: skip


def test_what_judges_says_so_by_its_type_its_environment_or_a_tag(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    export(lake, "traces", trace(environment="langfuse-llm-as-a-judge"))
    export(
        lake, "observations",
        observation("a", environment="prod"),
        observation("b", environment="langfuse-prompt-experiment"),
        observation("c", type="EVALUATOR"), observation("d", type="GUARDRAIL"),
        observation("e", metadata={"traffic_class": "live"}, type="GUARDRAIL"),
    )  # fmt: skip
    land(lake)
    assert lake.rows(
        "select span_id, operation, traffic_class from rows order by 1 nulls first", "trace_spans"
    ) == [
        (None, None, "evaluation"), ("t1/a", "chat", None), ("t1/b", "chat", "evaluation"),
        ("t1/c", None, "evaluation"), ("t1/d", "guardrail", "evaluation"),
        ("t1/e", "guardrail", "live"),
    ]  # fmt: skip


def test_a_row_that_comes_again_counts_once_in_its_newest_version(tmp_path: Path) -> None:
    """Both bounds of a window are inclusive, and a changed row is exported again."""
    workspace = Workspace(tmp_path, models=("fct_tasks",))
    workspace.configure("langfuse", 'format = "langfuse"\n')
    workspace.prices("openai,gpt-4.1,standard,input_uncached,2,2026-01-01,,,test",
                     "openai,gpt-4.1,standard,output,8,2026-01-01,,,test")  # fmt: skip
    first = observation("o1", level="DEFAULT", usage_details={"input": 1, "output": 1})
    final = observation("o1", updated_at="2026-10-05 12:00:00.000")
    edge = observation("o2", start_time="2026-10-05 11:00:00.000")
    scratch = langfuse(tmp_path / "scratch")
    for window, rows in (("a", [final]), ("b", [first, edge]), ("c", [edge])):
        export(scratch, "observations_v2", *rows, window=window)
    for path in sorted(scratch.paths.inbox.rglob("*.jsonl")):
        workspace.drop("langfuse", path.relative_to(scratch.paths.inbox / "langfuse").as_posix(),
                       path.read_bytes())  # fmt: skip
    workspace.build()
    assert workspace.query(
        "select call_id, input_uncached_tokens, output_tokens, estimate_usd, duplicates_dropped"
        " from marts.fct_calls order by call_id"
    ) == [
        ("t1/o1", 100, 10, Decimal("0.000280000"), 1),
        ("t1/o2", 100, 10, Decimal("0.000280000"), 1),
    ]  # fmt: skip


def test_a_proxy_s_log_and_its_traces_in_langfuse_are_one_call_with_a_verdict(
    tmp_path: Path,
) -> None:
    """LiteLLM's callback names a generation after the response that its own log has, too."""
    workspace = Workspace(tmp_path, models=("fct_tasks",))
    workspace.configure("proxy", 'format = "litellm"\n')
    workspace.configure(
        "langfuse", 'format = "langfuse"\n[outcomes.resolved]\nsuccess = ">= 0.5"\n'
    )
    workspace.drop("proxy", "a.jsonl", """{"id": "chatcmpl-1", "litellm_call_id": "c1",
        "call_type": "acompletion", "status": "success", "model": "openai/gpt-4.1",
        "custom_llm_provider": "openai", "startTime": 1791194400.25, "endTime": 1791194401.5,
        "prompt_tokens": 100, "completion_tokens": 10}""".replace("\n", ""))  # fmt: skip
    scratch = langfuse(tmp_path / "scratch")
    export(scratch, "observations_v2", observation("time-10-00-00-250000_chatcmpl-1"))
    export(scratch, "scores", score())
    for path in sorted(scratch.paths.inbox.rglob("*.jsonl")):
        workspace.drop("langfuse", path.relative_to(scratch.paths.inbox / "langfuse").as_posix(),
                       path.read_bytes())  # fmt: skip
    workspace.build()
    assert workspace.query(
        "select source_name, call_id, task_id, started_at, duplicates_dropped from marts.fct_calls"
    ) == [("proxy", "c1/1791194400250000", "t1", datetime(2026, 10, 5, 10, 0, 0, 250000), 1)]
    assert workspace.query("select task_id, status from marts.fct_tasks") == [("t1", "success")]
