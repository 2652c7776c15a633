"""Langfuse's scores as evaluations of tasks, where `[outcomes]` names them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.langfuse.rows import FORMS, SECRET, export, land, langfuse, score
from tests.support.texts import files_holding

RESOLVED = {"resolved": {"success": ">= 0.5"}}


def judge(root: Path, what: str, *scores: dict[str, Any], **outcomes: Any) -> list[Any]:
    """What becomes of scores, in their order."""
    lake = langfuse(root, outcomes=outcomes or RESOLVED)
    export(lake, "scores", *scores)
    land(lake)
    if not lake.catalog("select 1 from file_days"):
        return []
    return lake.rows(f"select {what} from rows order by source_line", "task_outcomes")


@pytest.mark.parametrize("form", FORMS)
def test_scores_are_evaluations_in_every_form(tmp_path: Path, form: str) -> None:
    lake = langfuse(tmp_path, outcomes={
        "resolved": {"success": [">= 0.5", "yes"]},
        "csat*": {"success": "happy", "failure": "angry", "evaluator_type": "business_system"},
    })  # fmt: skip
    export(
        lake, "scores",
        score("n", value=0.9),
        score("b", value=0, data_type="BOOLEAN", string_value="False", source="ANNOTATION"),
        score("c", value=2, data_type="CATEGORICAL", string_value="angry", name="csat_mail",
              source="API"),
        score("unnamed", name="toxicity"),
        form=form,
    )  # fmt: skip
    land(lake)
    assert lake.rows(
        "select task_id, judged_at, outcome, outcome_label, evaluator_type, evaluator_name, score"
        " from rows order by source_line", "task_outcomes",
    ) == [
        ("t1", datetime(2026, 10, 5, 12), "success", None, "model", "resolved", Decimal("0.9")),
        ("t1", datetime(2026, 10, 5, 12), "failure", "False", "human", "resolved", Decimal(0)),
        ("t1", datetime(2026, 10, 5, 12), "failure", "angry", "business_system", "csat_mail", None),
    ]  # fmt: skip
    assert files_holding(lake.paths.lake, SECRET) == set()


def test_without_settings_no_score_is_an_outcome(tmp_path: Path) -> None:
    lake = langfuse(tmp_path)
    export(lake, "scores", score())
    land(lake)
    assert lake.catalog("select count(*) from file_days") == [(0,)]


@pytest.mark.parametrize("data_type", ["TEXT", "CORRECTION", "text"])
def test_what_people_wrote_is_no_outcome_and_is_not_kept(tmp_path: Path, data_type: str) -> None:
    written = score(value=0, data_type=data_type, string_value=SECRET)
    long = score("long", data_type="CATEGORICAL", value=1, string_value=SECRET * 100)
    assert judge(tmp_path, "outcome, outcome_label", written, long) == [("pending", None)]


def test_the_number_of_a_category_is_no_score(tmp_path: Path) -> None:
    category = score(data_type="CATEGORICAL", value=1, string_value="bad")
    assert judge(tmp_path, "outcome, score", category) == [("failure", None)]


@pytest.mark.parametrize(
    ("source", "evaluator"), [("EVAL", "model"), ("API", "model"), ("ANNOTATION", "human")]
)
def test_who_judged_is_said_by_the_source_and_an_api_outranks_nobody(
    tmp_path: Path, source: str, evaluator: str
) -> None:
    assert judge(tmp_path, "evaluator_type", score(source=source)) == [(evaluator,)]


def test_a_changed_annotation_is_a_evaluation_of_when_it_was_changed(tmp_path: Path) -> None:
    """So that the newer of two versions of one score counts, although both have one timestamp."""
    at_once = score(timestamp="2026-10-01 08:00:00.000")
    changed = score(value=0.1, updated_at="2026-10-07 09:00:00.000")
    assert judge(tmp_path, "judged_at, outcome", at_once, changed) == [
        (datetime(2026, 10, 1, 8), "success"), (datetime(2026, 10, 7, 9), "failure"),
    ]  # fmt: skip


def test_a_score_is_of_its_trace_else_of_its_session(tmp_path: Path) -> None:
    assert judge(
        tmp_path, "task_id",
        score(observation_id="o1"),
        score(trace_id=None, session_id="s1"),
        score(session_id="s1"),
    ) == [("t1",), ("s1",), ("t1",)]  # fmt: skip


def test_a_score_without_any_of_them_is_set_aside(tmp_path: Path) -> None:
    lake = langfuse(tmp_path, outcomes=RESOLVED)
    export(lake, "scores", score(trace_id=None), score())
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    assert lake.catalog("select field, reason from quarantine") == [
        ("task_id", "is required and missing")
    ]


def test_a_score_that_names_no_task_says_where_to_look_for_it(tmp_path: Path) -> None:
    """The models ask the observation, else its trace; the task that a score names is its own."""
    scores = (score(), score("q2", observation_id="o1"), score("q3", trace_id=None,
              session_id="s1"))  # fmt: skip
    assert judge(tmp_path / "a", "task_id, trace_id, span_id", *scores) == [
        ("t1", "t1", None), ("t1", "t1", "t1/o1"), ("s1", None, None),
    ]  # fmt: skip
    by_name = {"success": "> 0", "task_id": "name"}
    assert judge(tmp_path / "b", "task_id, trace_id, span_id", *scores[1:2], resolved=by_name) == [
        ("resolved", None, None)
    ]


def test_an_entry_may_take_the_session_for_the_task(tmp_path: Path) -> None:
    by_session = {"success": "> 0", "task_id": "session_id"}
    found = judge(
        tmp_path, "task_id", score(session_id="s1"), score(session_id=None), resolved=by_session
    )
    assert found == [("s1",), ("t1",)]
