"""`[outcomes]`: which score says that a task succeeded."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.errors import ConfigError
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import Evaluation, compile_outcomes
from ingest.mapping.projection import canonical_select
from ingest.records.fields import Leaf
from ingest.records.format import SourceConfig

COLUMNS = ("name", "score", "label", "trace", "ticket")
TRACE = Expression('"trace"', "task", (Leaf(("trace",)),))


def judge(outcomes: object, *scores: tuple[str | None, ...], what: str = "outcome") -> list[Any]:
    """What becomes of scores (name, score, label); each is of trace t1 and ticket 7."""
    config = SourceConfig("evals", "otel", Path("config/sources/evals.toml"),
                          {"outcomes": outcomes})  # fmt: skip
    evaluation = Evaluation(
        Expression('"name"', "name"),
        Expression('"score"', "score"),
        Expression('"label"', "label"),
        {"task_id": TRACE, "evaluator_type": Expression("'model'", "evaluator_type"),
         "judged_at": Expression("timestamp '2026-10-01'", "judged_at")},
    )  # fmt: skip
    compiled = compile_outcomes(config, evaluation)
    if compiled is None:
        return []
    con = duckdb.connect()
    con.execute(
        "create table scores (file_id bigint, source_line bigint, reject_field varchar,"
        f" reject_reason varchar, {', '.join(f'{name} varchar' for name in COLUMNS)})"
    )
    for number, score in enumerate(scores, 1):
        values = (*score, *(None,) * (3 - len(score)), "t1", "7")
        con.execute("insert into scores values (1, ?, null, null, ?, ?, ?, ?, ?)",
                    [number, *values])  # fmt: skip
    select = canonical_select(compiled.expressions, "scores")
    found = con.execute(
        f"select {what} from ({select} where {compiled.counts}) order by source_line"
    ).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


def test_a_score_that_nobody_names_is_no_outcome() -> None:
    assert judge({}, ("toxicity", "0.9")) == []
    assert judge({"resolved": {"success": "> 0"}}, ("toxicity", "1"), (None, "1")) == []


def test_a_threshold_is_exact_to_the_last_digit() -> None:
    scores = [("resolved", text) for text in ("0.7", "0.700000000", "0.699999999", "7e-1", "1")]
    assert judge({"resolved": {"success": ">= 0.7"}}, *scores) == [
        "success", "success", "failure", "success", "success",
    ]  # fmt: skip


def test_words_count_in_any_case_and_beside_comparisons() -> None:
    rule = {"resolved": {"success": [">= 0.5", "pass", True]}}
    assert judge(
        rule, ("resolved", None, " PASS "), ("resolved", "0", "True"), ("resolved", "0.5"),
        ("resolved", "0.4", "fail"),
    ) == ["success", "success", "success", "failure"]  # fmt: skip


def test_what_fits_neither_of_both_decides_nothing() -> None:
    rule = {"q": {"success": ">= 0.8", "failure": ["< 0.4", "error"]}}
    assert judge(rule, ("q", "0.8"), ("q", "0.5"), ("q", "0.39"), ("q", "0.9", "error")) == [
        "success", "pending", "failure", "failure",
    ]  # fmt: skip


def test_a_evaluation_that_says_nothing_is_pending_and_not_a_failure() -> None:
    assert judge({"q": {"success": ">= 0.8"}}, ("q",), ("q", None, None)) == ["pending", "pending"]


def test_only_a_failure_may_be_named_and_the_rest_succeeds() -> None:
    rule = {"thumbs": {"failure": "< 0", "reopened": "back", "pending": 0}}
    assert judge(
        rule, ("thumbs", "-3"), ("thumbs", "4"), ("thumbs", "0.0"), ("thumbs", "5", "back"),
    ) == ["failure", "success", "pending", "reopened"]  # fmt: skip


def test_the_first_name_that_fits_counts_and_a_star_stands_for_any_text() -> None:
    rules = {
        "qa_final": {"success": "> 0", "evaluator_type": "human"},
        "qa_*": {"success": "> 10"},
    }
    names = [("qa_final", "5"), ("qa_draft", "5"), ("qaXdraft", "50"), ("QA_draft", "50")]
    assert judge(rules, *names, what="evaluator_name, outcome, evaluator_type") == [
        ("qa_final", "success", "human"), ("qa_draft", "failure", "model"),
    ]  # fmt: skip


def test_an_entry_says_where_its_task_is_and_the_others_keep_the_usual_place() -> None:
    rules = {"a": {"success": "> 0", "task_id": "ticket"}, "b": {"success": "> 0"}}
    assert judge(rules, ("a", "1"), ("b", "1"), what="task_id") == ["7", "t1"]


@pytest.mark.parametrize("text", ["NaN", "abc", "99999999999"])
def test_a_score_that_is_no_number_is_set_aside(text: str) -> None:
    rule = {"q": {"success": "> 0"}}
    found = judge(rule, ("q", text), ("q", "2"), what="score, reject_field is null")
    assert found == [(None, False), (Decimal(2), True)]


@pytest.mark.parametrize(
    ("outcomes", "key"),
    [
        ("pass", "outcomes"),
        ({"q": "pass"}, "outcomes.q"),
        ({"q": {}}, "outcomes.q"),
        ({"q": {"pending": "x"}}, "outcomes.q"),
        ({"q": {"succes": "x"}}, "outcomes.q.succes"),
        ({"q": {"success": ">= high"}}, "outcomes.q.success"),
        ({"q": {"success": "> NaN"}}, "outcomes.q.success"),
        ({"q": {"success": []}}, "outcomes.q.success"),
        ({"q": {"success": {"a": 1}}}, "outcomes.q.success"),
        ({"q": {"success": "x", "evaluator_type": "robot"}}, "outcomes.q.evaluator_type"),
        ({"q": {"success": "x", "task_id": 5}}, "outcomes.q.task_id"),
    ],
)
def test_a_wrong_entry_names_its_key(outcomes: object, key: str) -> None:
    with pytest.raises(ConfigError) as error:
        judge(outcomes, ("q", "1"))
    assert error.value.key == key
