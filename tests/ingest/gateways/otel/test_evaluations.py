"""Evaluations in logs become evaluations; one that names no task says which span it is about."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.otel.otlp_lines import (
    CHAT,
    START,
    TRACE,
    evaluation,
    landed,
    line,
    log_line,
    span,
)
from tests.support.lake import Lake

RULES = {"resolved": {"success": [">= 0.5", "pass"]}}
AGENT = span(1, a={"gen_ai.operation.name": "invoke_agent", "app.task_id": "k1",
                   "app.tenant_id": "acme", "app.feature": "support"})  # fmt: skip
ANSWER = span(2, 1, a=CHAT)


def judged(lake: Lake, what: str = "task_id, outcome") -> list[tuple[Any, ...]]:
    return lake.rows(
        f"select {what} from rows order by source_file, source_line, score", "task_outcomes"
    )


def test_an_evaluation_is_a_evaluation_of_its_spans_task(tmp_path: Path) -> None:
    lake = landed(
        tmp_path,
        line(AGENT, ANSWER),
        log_line(evaluation("resolved", value=0.5, label="good")),
        outcomes=RULES,
    )
    assert judged(
        lake, "trace_id, span_id, judged_at, outcome, outcome_label, evaluator_type,"
        " evaluator_name, score, source_file",
    ) == [(TRACE, f"{TRACE}/{1:016x}", datetime(2026, 10, 1, 12, 0, 0, 123456), "success", "good",
           "model", "resolved", Decimal("0.5"), "1.jsonl")]  # fmt: skip


def test_the_evaluation_itself_or_the_settings_may_name_the_task(tmp_path: Path) -> None:
    rules = RULES | {"csat": {"success": "> 3", "task_id": "ticket", "evaluator_type": "human"}}
    lake = landed(
        tmp_path, line(AGENT),
        log_line(evaluation("resolved", value=0, a={"app.task_id": "own"}),
                 evaluation("csat", value=5, a={"ticket": "T-7"}), evaluation("csat", value=4)),
        outcomes=rules,
    )  # fmt: skip
    assert judged(lake, "task_id, trace_id, outcome, evaluator_type") == [
        ("own", None, "failure", "model"), (TRACE, TRACE, "success", "human"),
        ("T-7", None, "success", "human"),
    ]  # fmt: skip


def test_an_evaluation_without_a_span_names_the_answer(tmp_path: Path) -> None:
    lost: dict[str, Any] = {"traceId": "", "spanId": ""}
    lake = landed(
        tmp_path,
        line(AGENT, ANSWER),
        log_line(evaluation("resolved", label="pass", a={"gen_ai.response.id": "resp-1"}, **lost)),
        outcomes=RULES,
    )
    assert judged(lake, "task_id, trace_id, provider_response_id, outcome") == [
        ("resp-1", None, "resp-1", "success")
    ]


def test_what_is_no_named_score_is_no_evaluation(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    lake = landed(
        tmp_path, line(AGENT, ANSWER),
        log_line(
            evaluation("toxicity", value=1), evaluation(None, value=1),
            evaluation("resolved", value=1, eventName="gen_ai.choice"),
            evaluation("resolved", value=1, eventName=None, a={"event.name": "x"}),
            evaluation("resolved", a={"error.type": "timeout"}),
            evaluation("resolved", value=1, eventName=None,
                       a={"event.name": "gen_ai.evaluation.result"}),
        ),
        outcomes=RULES,
    )  # fmt: skip
    assert judged(lake) == [(TRACE, "success"), (TRACE, "pending")]
    assert caplog.messages == [
        "traces: 1 spans are no calls (agents, chains, HTTP)",
        "traces: 2 evaluations are named by no entry of [outcomes]",
    ]


def test_without_the_section_scores_are_left_alone(tmp_path: Path) -> None:
    lake = landed(tmp_path, line(ANSWER), log_line(evaluation("resolved", value=1)))
    assert not (tmp_path / "lake" / "task_outcomes").exists()
    assert lake.rows("select count(*) from rows") == [(1,)]


def test_an_evaluation_that_cannot_be_right_is_set_aside(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel", {"outcomes": RULES})
    lake.drop("a.jsonl", log_line(
        evaluation("resolved", value="SECRET"), evaluation("resolved", value=1, at=0),
        evaluation("resolved", value=1, at=START * 100),
        evaluation("resolved", value=1, traceId=None),
        evaluation("resolved", value=1, at=0, observedTimeUnixNano=str(START)),
    ))  # fmt: skip
    assert lake.land().rows_quarantined == 4
    assert lake.catalog("select table_name, field from quarantine order by field") == [
        ("task_outcomes", "judged_at"), ("task_outcomes", "judged_at"),
        ("task_outcomes", "outcomes: the score's number"), ("task_outcomes", "task_id"),
    ]  # fmt: skip
    assert judged(lake) == [(TRACE, "success")]
