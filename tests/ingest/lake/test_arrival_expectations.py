"""Great-expectations: a day of a source that cannot be right is found, whatever its rows say."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.lake.arrival_expectations import RULES, evaluate_rules, profile
from tests.support.lake import Lake

MAPPING: dict[str, Any] = {
    "file_type": "jsonl",
    "fields": {
        "call_id": "id",
        "started_at": "ts",
        "ended_at": "end",
        "request_model": "model",
        "feature": "feature",
        "reported_cost_usd": "cost",
    },
    "tokens": {"input": "in", "output": "out"},
}


def calls(day: str, count: int = 4, **changes: Any) -> str:
    """A good day of calls, with some fields changed on every call."""
    good = {
        "model": "gpt-4.1",
        "feature": "chat",
        "in": 100,
        "out": 10,
        "cost": 0.01,
        "ts": f"{day}T12:00:00Z",
        "end": f"{day}T12:00:05Z",
    }
    return "".join(json.dumps({"id": f"{day}-{n}", **good, **changes}) + "\n" for n in range(count))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, "bot", "mapped", MAPPING)


def test_a_profile_row_measures_one_day_of_one_source(lake: Lake) -> None:
    lake.drop(
        "a.jsonl",
        calls("2026-10-01")
        + calls("2026-10-01", model=None, feature=None)
        + calls("2026-10-02", **{"in": None, "out": None}),
    )
    lake.land()
    frame = profile(lake.paths, since_commit=0)
    assert frame["row_count"].to_list() == [8, 4]
    assert frame["model_missing_share"].to_list() == [0.5, 0.0]
    assert frame["unattributed_share"].to_list() == [0.5, 0.0]
    assert frame["tokens_missing_share"].to_list() == [0.0, 1.0]
    assert frame["largest_input_tokens"].to_list() == [100.0, None]
    assert frame["largest_cost_usd"].to_list() == [0.01, 0.01]
    assert frame["longest_call_hours"].to_list() == [0.0, 0.0]


def test_good_days_give_no_finding(lake: Lake) -> None:
    lake.drop("a.jsonl", calls("2026-10-01") + calls("2026-10-02"))
    lake.land()
    assert evaluate_rules(profile(lake.paths, since_commit=0)) == []


@pytest.mark.parametrize(
    ("changes", "measure", "observed", "is_critical"),
    [
        ({"model": None}, "model_missing_share", "1", True),
        ({"in": None, "out": None}, "tokens_missing_share", "1", True),
        ({"in": 90_000_000}, "largest_input_tokens", "90000000", True),
        ({"cost": 4000.5}, "largest_cost_usd", "4000.5", True),
        ({"feature": None}, "unattributed_share", "1", False),
        ({"end": "2026-10-02T11:59:00Z"}, "ends_before_start_share", "1", False),
        ({"end": "2026-10-04T12:00:00Z"}, "longest_call_hours", "48", False),
    ],
)
def test_a_bad_day_is_named_with_what_was_measured(
    lake: Lake, changes: dict[str, Any], measure: str, observed: str, is_critical: bool
) -> None:
    lake.drop("a.jsonl", calls("2026-10-01") + calls("2026-10-02", **changes))
    lake.land()
    (finding,) = evaluate_rules(profile(lake.paths, since_commit=0))
    assert (finding.source_name, finding.table) == ("bot", "gateway_calls")
    assert finding.utc_day == date(2026, 10, 2)
    assert (finding.measure, finding.observed) == (measure, observed)
    assert finding.is_critical is is_critical


def test_only_days_that_changed_are_looked_at(lake: Lake) -> None:
    lake.drop("a.jsonl", calls("2026-10-01", model=None))
    lake.land()
    ((built,),) = lake.catalog("select max(commit_id) from files")
    lake.drop("b.jsonl", calls("2026-10-02"))
    lake.land()
    assert profile(lake.paths, built)["utc_day"].to_list() == [date(2026, 10, 2)]


def test_bills_and_evaluations_have_their_own_suites() -> None:
    frame = pl.DataFrame(
        [
            {
                "table_name": "billing_charges",
                "source_name": "focus",
                "utc_day": date(2026, 10, 1),
                "row_count": 9,
                "currencies": 2.0,
                "negative_usage_share": 0.1,
                "one_outcome_share": None,
            },
            {
                "table_name": "task_outcomes",
                "source_name": "tickets",
                "utc_day": date(2026, 10, 1),
                "row_count": 80,
                "one_outcome_share": 1.0,
            },
            {
                "table_name": "task_outcomes",
                "source_name": "tickets",
                "utc_day": date(2026, 10, 2),
                "row_count": 3,
                "one_outcome_share": None,
            },
        ]
    )
    found = [(f.source_name, f.measure, f.is_critical) for f in evaluate_rules(frame)]
    assert found == [("focus", "currencies", False), ("tickets", "one_outcome_share", False)]


def profile_row(table: str, day: date, beyond: float) -> dict[str, Any]:
    """A day on which every measure of a table is beyond its limit by so much."""
    measures = {rule.measure: rule.limit + beyond for rule in RULES[table]}
    return {"table_name": table, "source_name": "bot", "utc_day": day, "row_count": 1, **measures}


@pytest.mark.parametrize("table", RULES)
def test_a_measure_at_its_limit_is_good_and_one_above_it_is_not(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = profile_row(table, date(2026, 10, 1), 0)
    above = profile_row(table, date(2026, 10, 2), 0.001)
    found = evaluate_rules(pl.DataFrame([at, above]))
    assert {(f.utc_day, f.measure) for f in found} == {
        (date(2026, 10, 2), rule.measure) for rule in RULES[table]
    }
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    assert evaluate_rules(pl.DataFrame([at])) == []
    with pytest.raises(ImportError):
        evaluate_rules(pl.DataFrame([above]))


def test_days_within_every_limit_cost_no_import(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    lake.land()
    assert evaluate_rules(profile(lake.paths, since_commit=0)) == []
    lake.drop("a.jsonl", calls("2026-10-01"))
    lake.land()
    assert evaluate_rules(profile(lake.paths, since_commit=0)) == []


def test_every_measure_is_described_once() -> None:
    for rules in RULES.values():
        measures = [rule.measure for rule in rules]
        assert len(measures) == len(set(measures))
        assert all(rule.meaning for rule in rules)


def test_the_engine_of_expectations_says_nothing_to_the_terminal(
    lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    lake.drop("a.jsonl", calls("2026-10-01", model=None))
    lake.land()
    caplog.set_level("INFO")
    assert len(evaluate_rules(profile(lake.paths, since_commit=0))) == 1
    assert [r.message for r in caplog.records if r.name.startswith("great_expectations")] == []
