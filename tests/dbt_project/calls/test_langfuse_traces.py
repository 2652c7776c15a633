"""What observations take from their trace and from those above them, whichever export it is in.

Every export is a source of its own in one workspace, so that one build serves all.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.ingest.gateways.langfuse.rows import exported, observation, score, trace
from tests.support.warehouse import Workspace

RESOLVED = '\n[outcomes.resolved]\nsuccess = ">= 0.5"\n'
TICKETS = '\n[attribution]\ntask_id = "metadata.ticket"\n'
SETTINGS = {
    "older": "",
    "enriched": "",
    "tree": '\n[labels]\ntier = "metadata.tier"\ndesk = "metadata.desk"\n',
    "tickets": RESOLVED + TICKETS,
    "tickets-v2": RESOLVED + TICKETS,
}
WHO = "session_id, task_id, task_type, tenant_id, feature, environment"
FROM_TRACE = ("s1", "t1", "support chat", "acme", "support", "production")


def without_trace(identifier: str = "o1", **changes: Any) -> dict[str, Any]:
    """An observation of the older export."""
    return observation(identifier, metadata={}, **changes)


def exports() -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Rows by source, table and window."""
    of_trace = {
        "user_id": "ann@example.com", "session_id": "s1", "trace_name": "support chat",
        "tags": ["feature:support", "x"], "metadata": {"tenant_id": "acme"},
    }  # fmt: skip
    agent = observation("agent", type="AGENT", metadata={"tenant_id": "globex", "tier": "gold"})
    tree = [
        agent,
        observation("step", type="SPAN", parent_observation_id="agent"),
        observation("own", parent_observation_id="step", metadata={"tenant_id": "initech"}),
        observation("below", parent_observation_id="step", metadata={"tier": "free", "desk": "7"}),
        observation("lost", parent_observation_id="elsewhere"),
        observation("ring", parent_observation_id="ring"),
    ]
    ticket = {"ticket": "T-7", "tenant_id": "acme"}
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {
        ("older", "observations", "a"): [
            without_trace(), without_trace("o2", trace_id="t2"), without_trace("o3"),
        ],
        ("older", "traces", "a"): [trace(session_id="old"), trace("t3", user_id="bob")],
        # the newest version counts, whichever window it is in
        ("older", "traces", "b"): [trace(updated_at="2026-10-05 10:30:00.000")],
        ("older", "traces", "c"): [trace(session_id="older")],
        ("enriched", "observations_v2", "a"): [
            observation("o1", **of_trace), observation("o3", **of_trace),
        ],
        ("tree", "observations", "a"): tree,
        ("tree", "traces", "a"): [trace(metadata={"tenant_id": "acme", "desk": "1"})],
    }  # fmt: skip
    for source, table in (("tickets", "observations"), ("tickets-v2", "observations_v2")):
        root = observation("root", type="SPAN", metadata=ticket, tags=["feature:support"],
                           trace_name="support chat", trace_id=source)  # fmt: skip
        asked = observation("ask", parent_observation_id="root", metadata={"variant": "b"},
                            trace_id=source)  # fmt: skip
        found[source, table, "a"] = [root, asked]
        found[source, "scores", "a"] = [
            score(trace_id=source), score("q2", observation_id="ask", trace_id=source),
            score("q3", trace_id=None, session_id="s9"),
        ]  # fmt: skip
    found["tickets", "traces", "a"] = [trace("tickets", metadata=ticket)]
    return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("langfuse"), models=("fct_tasks",))
    for source, settings in SETTINGS.items():
        workspace.configure(source, f'format = "langfuse"\n{settings}')
    for (source, table, window), rows in exports().items():
        content = exported(table, rows, "jsonl", workspace.root)
        workspace.drop(source, f"p1/{table}/{window}.jsonl", content)
    workspace.build()
    return workspace


def test_an_observation_of_the_older_export_has_what_its_trace_says(workspace: Workspace) -> None:
    # the enriched export of the same project has two of the calls, too: they count once
    assert workspace.query(
        f"select call_id, {WHO}, user_id is null from marts.fct_calls"
        " where source_name in ('older', 'enriched') order by call_id"
    ) == [
        ("t1/o1", *FROM_TRACE, False),
        ("t1/o3", *FROM_TRACE, False),
        ("t2/o2", None, "t2", None, None, None, "production", True),
    ]


def test_both_exports_give_the_same_attribution(workspace: Workspace) -> None:
    older, enriched = (
        workspace.query(
            f"select span_id, {WHO}, user_id from intermediate.int_trace_contexts"
            f" where source_name = '{source}' and span_id in ('t1/o1', 't1/o3') order by span_id"
        )
        for source in ("older", "enriched")
    )
    assert len(older) == 2
    assert older == enriched


def test_what_an_observation_says_goes_before_its_parents_and_its_trace(
    workspace: Workspace,
) -> None:
    assert workspace.query(
        "select call_id, tenant_id, labels from marts.fct_calls where source_name = 'tree'"
        " order by 1"
    ) == [
        ("t1/below", "globex", '{"tier":"free","desk":"7"}'),
        ("t1/lost", "acme", '{"desk":"1"}'),
        ("t1/own", "initech", '{"desk":"1","tier":"gold"}'),
        ("t1/ring", None, None),
    ]


@pytest.mark.parametrize("source", ["tickets", "tickets-v2"])
def test_a_evaluation_takes_task_and_attribution_of_what_it_judges(
    workspace: Workspace, source: str
) -> None:
    assert workspace.query(
        f"select task_id, variant from marts.fct_calls where source_name = '{source}'"
    ) == [("T-7", "b")]
    assert workspace.query(
        "select task_id, task_type, tenant_id, feature, variant from intermediate.int_evaluations"
        f" where source_name = '{source}' order by task_id desc"
    ) == [
        ("s9", None, None, None, None),
        ("T-7", "support chat", "acme", "support", "b"),
        ("T-7", "support chat", "acme", "support", "b"),
    ]  # fmt: skip
