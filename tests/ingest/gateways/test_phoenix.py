"""Phoenix annotations, in the shape of its REST API's `data`, become evaluations of tasks."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.support.lake import Lake
from tests.support.texts import files_holding

RULES = {"correctness": {"success": [">= 0.8", "correct"]}}


def annotation(**changes: Any) -> str:
    made = {
        "id": "U3BhbkFubm90YXRpb246MQ==", "created_at": "2026-10-01T12:00:00+02:00",
        "updated_at": "2026-10-01T12:30:00+02:00", "source": "API", "user_id": None,
        "name": "correctness", "annotator_kind": "LLM", "identifier": "", "metadata": {},
        "result": {"label": "correct", "score": 0.85, "explanation": "SECRET"}, "trace_id": "t1",
    }  # fmt: skip
    return json.dumps(made | changes) + "\n"


def landed(root: Path, content: str, rules: object = RULES) -> Lake:
    lake = Lake(root, "evals", "phoenix", {"outcomes": rules})
    lake.drop("a.jsonl", content)
    lake.land()
    return lake


def judged(lake: Lake, what: str) -> list[tuple[Any, ...]]:
    return lake.rows(f"select {what} from rows order by source_line", "task_outcomes")


def test_an_annotation_judges_its_trace(tmp_path: Path) -> None:
    lake = landed(tmp_path, annotation() + annotation(name="tone", result={"score": 1}))
    assert judged(
        lake, "task_id, judged_at, outcome, outcome_label, evaluator_type, evaluator_name, score"
    ) == [("t1", datetime(2026, 10, 1, 10, 30), "success", "correct", "model", "correctness",
           Decimal("0.85"))]  # fmt: skip
    assert files_holding(tmp_path / "lake", "SECRET") == set()


@pytest.mark.parametrize(
    ("changes", "evaluation"),
    [
        ({"annotator_kind": "HUMAN"}, ("t1", "success", "human")),
        ({"annotator_kind": "CODE", "result": {"label": "wrong"}}, ("t1", "failure", "model")),
        ({"result": None}, ("t1", "pending", "model")),
        ({"trace_id": None, "session_id": "s1"}, ("s1", "success", "model")),
        ({"metadata": {"task_id": "k1"}}, ("k1", "success", "model")),
    ],
)
def test_who_judged_what(
    tmp_path: Path, changes: dict[str, Any], evaluation: tuple[str, ...]
) -> None:
    lake = landed(tmp_path, annotation(**changes))
    assert judged(lake, "task_id, outcome, evaluator_type") == [evaluation]


def test_a_spans_annotation_must_name_its_task(tmp_path: Path) -> None:
    lake = landed(tmp_path, annotation(trace_id=None, span_id="67f6740bbe1ddc3f") + "broken\n")
    assert lake.catalog("select source_line, table_name, field from quarantine order by all") == [
        (1, "task_outcomes", "task_id"), (2, "task_outcomes", "record"),
    ]  # fmt: skip


def test_the_section_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"outcomes: say which annotations count"):
        landed(tmp_path, annotation(), {})
