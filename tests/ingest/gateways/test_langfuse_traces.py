"""What observations take from their trace, whichever export, file and window it stands in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest import landing
from tests.ingest.gateways.langfuse_rows import (
    export,
    land,
    langfuse,
    observation,
    score,
    trace,
)
from tests.ingest.gateways.spend_rows import PLACES
from tests.warehouse import Workspace

WHO = "call_id, session_id, task_id, task_type, tenant_id, feature, environment"
FROM_TRACE = ("s1", "t1", "support chat", "acme", "support", "production")


def without_trace(identifier: str = "o1", **changes: Any) -> dict[str, Any]:
    """An observation of the older export."""
    return observation(identifier, metadata={}, **changes)


def test_the_older_export_joins_a_trace_to_its_observations(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    export(lake, "observations", without_trace(), without_trace("o2", trace_id="t2"))
    export(lake, "traces", trace(), trace("t3", user_id="bob"))
    land(lake)
    assert lake.rows(f"select {WHO}, user_id is null from rows order by 1") == [
        ("t1/o1", *FROM_TRACE, False),
        ("t2/o2", None, "t2", None, None, None, "production", True),
    ]


def test_both_exports_give_the_same_calls(tmp_path: Path) -> None:
    older, enriched = langfuse(tmp_path / "older"), langfuse(tmp_path / "enriched")
    export(older, "observations", without_trace("o1"), without_trace("o2"))
    export(older, "traces", trace())
    of_trace = {
        "user_id": "ann@example.com", "session_id": "s1", "trace_name": "support chat",
        "tags": ["feature:support", "x"], "metadata": {"tenant_id": "acme"},
    }  # fmt: skip
    export(enriched, "observations_v2",
           observation("o1", **of_trace), observation("o2", **of_trace))  # fmt: skip
    land(older)
    land(enriched)
    every = f"select * exclude ({PLACES}) from rows order by call_id"
    assert older.rows(every) == enriched.rows(every)


def test_a_trace_is_found_in_a_file_that_is_landed_in_another_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`observations/` sorts before `traces/`, and a first load takes many batches."""
    monkeypatch.setattr(landing, "BATCH_FILES", 1)
    lake = langfuse(tmp_path)
    export(lake, "traces", trace(), window="2026-10-05T10-00-00")
    export(lake, "traces", trace("t2", session_id="s2"), window="2026-10-05T11-00-00", form="csv")
    export(lake, "observations", without_trace(), without_trace("o2", trace_id="t2"),
           window="2026-10-05T11-00-00")  # fmt: skip
    export(lake, "traces", trace("t3"), window="2026-10-05T12-00-00")
    land(lake)
    assert lake.rows("select call_id, session_id from rows order by 1") == [
        ("t1/o1", "s1"), ("t2/o2", "s2"),
    ]  # fmt: skip
    assert lake.catalog("select count(*) from files where status = 'loaded'") == [(4,)]


def test_a_trace_of_long_before_is_not_looked_for(tmp_path: Path) -> None:
    """The limit that the README states: windows before the last one are not read again."""
    lake = langfuse(tmp_path)
    export(lake, "traces", trace(), window="2026-10-05T09-00-00")
    land(lake)
    for window in ("2026-10-05T10-00-00", "2026-10-05T11-00-00"):
        export(lake, "traces", trace(window), window=window)
    export(lake, "observations", without_trace(), window="2026-10-05T11-00-00")
    land(lake)
    assert lake.rows("select session_id, task_id from rows") == [(None, "t1")]


def test_the_newest_version_of_a_trace_is_inherited(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    export(lake, "traces", trace(session_id="new", updated_at="2026-10-05 10:30:00.000"))
    export(lake, "traces", trace(session_id="old"), window="2026-10-05T12-00-00")
    export(lake, "observations", without_trace(), window="2026-10-05T12-00-00")
    land(lake)
    assert lake.rows("select session_id from rows") == [("new",)]


def test_what_an_observation_says_goes_before_its_parents_and_its_trace(tmp_path: Path) -> None:
    lake = langfuse(tmp_path, labels={"tier": "metadata.tier", "desk": "metadata.desk"})
    agent = observation("agent", type="AGENT", metadata={"tenant_id": "globex", "tier": "gold"})
    rows = [
        agent,
        observation("step", type="SPAN", parent_observation_id="agent"),
        observation("own", parent_observation_id="step", metadata={"tenant_id": "initech"}),
        observation("below", parent_observation_id="step", metadata={"tier": "free", "desk": "7"}),
        observation("lost", parent_observation_id="elsewhere"),
        observation("ring", parent_observation_id="ring"),
    ]  # fmt: skip
    export(lake, "observations", *rows)
    export(lake, "traces", trace(metadata={"tenant_id": "acme", "desk": "1"}))
    land(lake)
    assert lake.rows("select call_id, tenant_id, labels from rows order by 1") == [
        ("t1/below", "globex", '{"tier":"free","desk":"7"}'),
        ("t1/lost", "acme", '{"desk":"1"}'),
        ("t1/own", "initech", '{"desk":"1","tier":"gold"}'),
        ("t1/ring", None, None),
    ]


def test_a_row_that_comes_again_counts_once_in_its_newest_version(tmp_path: Path) -> None:
    """Both bounds of a window are inclusive, and a changed row is exported again."""
    workspace = Workspace(tmp_path)
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
    workspace = Workspace(tmp_path)
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
