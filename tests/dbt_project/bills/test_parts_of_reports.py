"""Of answers that overlap one counts: the whole before a part, also when it now holds nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

Bucket = tuple[str, str, list[dict[str, Any]]]


def costs(*usd: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"object": "organization.costs.result", "amount": {"value": value, "currency": "usd"},
         "line_item": "m-1, input", "project_id": project} for project, value in usd
    ]  # fmt: skip


def usage(tokens: int) -> list[dict[str, Any]]:
    return [{"object": "organization.usage.completions.result", "input_tokens": tokens,
             "output_tokens": 0, "num_model_requests": 1, "model": "m-1"}]  # fmt: skip


def page(path: str, fetched: str, *buckets: Bucket, **params: Any) -> str:
    data = [
        {"object": "bucket", "start_time": seconds(start), "end_time": seconds(end), "results": got}
        for start, end, got in buckets
    ]
    request = {"path": f"/v1/organization/{path}", "params": params}
    body = {"object": "page", "data": data, "has_more": False}
    return json.dumps({"request": request, "fetched_at": fetched, "response": body})


def seconds(time: str) -> int:
    return int(datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path, models=("fct_charges", "fct_provider_usage"))
    found.configure("openai", 'format = "openai"')
    return found


BILLED = "select utc_day::varchar, sum(billed_cost) from marts.fct_charges group by 1 order by 1"
USED = (
    "select utc_day::varchar, sum(input_uncached_tokens) from marts.fct_provider_usage"
    " group by 1 order by 1"
)


def test_an_answer_with_a_filter_counts_until_one_without_states_the_day(
    workspace: Workspace,
) -> None:
    days = ("2026-10-01", "2026-10-02", "2026-10-03")
    for project, usd in (("a", "7.5"), ("b", "1.25")):
        mine = page("costs", "2026-10-09T00:00:00Z", (days[0], days[1], costs((project, usd))),
                    (days[1], days[2], costs((project, usd))), project_ids=[project])  # fmt: skip
        workspace.drop("openai", f"{project}.json", mine)
    workspace.build()
    assert workspace.query(BILLED) == [(days[0], 8.75), (days[1], 8.75)]
    whole = page("costs", "2026-10-08T00:00:00Z",
                 (days[0], days[1], costs(("a", "7.5"), ("b", "1.25"), ("c", "3"))))  # fmt: skip
    workspace.drop("openai", "all.json", whole)
    workspace.build()
    assert workspace.query(BILLED) == [(days[0], 11.75), (days[1], 8.75)]


def test_a_bucket_cut_at_the_asked_second_is_a_part_of_its_day(workspace: Workspace) -> None:
    """80 tokens since 17:31, 100 of the day whole; an hour of the next is its own bucket."""
    cut = page("usage/completions", "2026-10-05T00:00:00Z",
               ("2026-10-01T17:31:00", "2026-10-02", usage(80)),
               ("2026-10-02", "2026-10-03", usage(9)))  # fmt: skip
    again = page("usage/completions", "2026-10-06T00:00:00Z",
                 ("2026-10-01T20:00:00", "2026-10-02", usage(30)), bucket_width="1d")  # fmt: skip
    workspace.drop("openai", "cut.json", cut)
    workspace.drop("openai", "again.json", again)
    workspace.build()
    assert workspace.query(USED) == [("2026-10-01", 30), ("2026-10-02", 9)]
    workspace.drop("openai", "whole.json", page("usage/completions", "2026-10-04T00:00:00Z",
                   ("2026-10-01", "2026-10-02", usage(100))))  # fmt: skip
    workspace.build()
    assert workspace.query(USED) == [("2026-10-01", 100), ("2026-10-02", 9)]


def test_a_newer_answer_without_a_result_takes_the_older_rows_away(workspace: Workspace) -> None:
    days = ("2026-10-01", "2026-10-02", "2026-10-03")
    first = page("costs", "2026-10-03T00:00:00Z", (days[0], days[1], costs(("a", "4"))),
                 (days[1], days[2], costs(("a", "2.5"))))  # fmt: skip
    workspace.drop("openai", "1.json", first)
    workspace.drop("openai", "2.json", page("usage/completions", "2026-10-03T00:00:00Z",
                   (days[0], days[1], usage(5))))  # fmt: skip
    workspace.build()
    newer = [page(path, "2026-10-04T00:00:00Z", (days[0], days[1], []))
             for path in ("costs", "usage/completions")]  # fmt: skip
    workspace.drop("openai", "3.jsonl", "\n".join(newer) + "\n")
    workspace.build()
    assert workspace.query(BILLED) == [(days[1], 2.5)]
    assert workspace.query(USED) == []


def test_an_anthropic_answer_without_a_result_does_too(workspace: Workspace) -> None:
    workspace.configure("claude", 'format = "anthropic"')
    for fetched, results in (("03", [{"amount": "250", "currency": "USD"}]), ("04", [])):
        bucket = {"starting_at": "2026-10-01T00:00:00Z", "ending_at": "2026-10-02T00:00:00Z"}
        body = {"data": [bucket | {"results": results}], "has_more": False}
        content = {"request": {"path": "/v1/organizations/cost_report"}, "response": body,
                   "fetched_at": f"2026-10-{fetched}T00:00:00Z"}  # fmt: skip
        workspace.drop("claude", f"{fetched}.json", json.dumps(content))
        workspace.build()
        found = workspace.query(BILLED)
        assert found == ([("2026-10-01", 2.5)] if results else [])
