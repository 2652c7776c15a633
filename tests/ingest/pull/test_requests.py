"""What each vendor is asked, and what is laid into the inbox of its answer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.openai import reader as openai_reader
from tests.ingest.pull.conftest import TODAY, Source
from tests.ingest.pull.vendor import Trouble, openrouter_row

Start = Callable[..., Source]

ONE_DAY: dict[str, Any] = {"start": TODAY, "lookback_days": 0}


def unix(day: date) -> str:
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))


def test_openai_is_asked_for_every_report_that_the_reader_reads(source: Start) -> None:
    openai = source(**ONE_DAY)
    openai.pull()
    usage = {usage.endpoint for usage in openai_reader._USAGE.values()}
    assert len(usage) == 10
    asked = {path.removeprefix("/v1/organization/") for path, _ in openai.vendor.requests}
    assert asked == {"costs", *(f"usage/{name}" for name in usage)}


def test_openai_is_asked_for_days_in_full_detail(source: Start) -> None:
    openai = source(**ONE_DAY)
    openai.pull()
    (costs,) = openai.vendor.asked("costs")
    assert costs == {
        "start_time": [unix(TODAY)], "end_time": [unix(date(2026, 10, 21))],
        "bucket_width": ["1d"], "limit": ["1"],
        "group_by": ["project_id", "line_item", "api_key_id"],
    }  # fmt: skip
    (completions,) = openai.vendor.asked("completions")
    assert completions["group_by"] == [
        "project_id", "user_id", "api_key_id", "model", "batch", "service_tier",
    ]  # fmt: skip


def test_anthropic_is_asked_with_brackets_and_utc_times(source: Start) -> None:
    anthropic = source("anthropic", **ONE_DAY)
    anthropic.pull()
    paths = [path for path, _ in anthropic.vendor.requests]
    assert paths == [
        "/v1/organizations/cost_report", "/v1/organizations/usage_report/messages",
    ]  # fmt: skip
    assert anthropic.vendor.asked("cost_report") == [{
        "starting_at": ["2026-10-20T00:00:00Z"], "ending_at": ["2026-10-21T00:00:00Z"],
        "bucket_width": ["1d"], "limit": ["1"], "group_by[]": ["workspace_id", "description"],
    }]  # fmt: skip


def test_claude_code_is_asked_for_one_day_a_call_and_only_when_named(source: Start) -> None:
    anthropic = source("anthropic", start=date(2026, 10, 10), reports=["usage_report/claude_code"])
    anthropic.pull()
    assert anthropic.vendor.asked("claude_code") == [
        {"starting_at": [f"2026-10-{day}"], "limit": ["1000"]} for day in range(10, 21)
    ]


def test_the_enterprise_report_asks_for_its_own_key_and_35_days_again(source: Start) -> None:
    anthropic = source("anthropic", reports=["analytics/cost_report"])
    report = anthropic.pull()
    assert report.problems == []
    windows = [
        (p["starting_at"][0][:10], p["ending_at"][0][:10])
        for p in anthropic.vendor.asked("analytics/cost_report")
    ]
    # 36 days that may change, 31 a call, after one day that does not change any more
    assert windows == [
        ("2026-09-14", "2026-09-15"),
        ("2026-09-15", "2026-10-16"),
        ("2026-10-16", "2026-10-21"),
    ]
    anthropic.key = None
    (problem,) = anthropic.pull().problems
    assert "ANTHROPIC_ANALYTICS_KEY is not set" in problem.reason
    assert "read:analytics" in problem.cure


def test_openrouter_is_asked_for_completed_days_one_a_call(source: Start) -> None:
    router = source("openrouter")
    router.pull()
    days = [params["date"][0] for params in router.vendor.asked("/api/v1/activity")]
    assert (days[0], days[-1], len(days)) == ("2026-09-20", "2026-10-19", 30)
    assert all(params["group_by"] == ["workspace"] for params in router.vendor.asked())


def test_openrouter_keys_are_told_apart_by_asking_for_each(source: Start) -> None:
    hashes = ["a" * 64, "b" * 64]
    router = source("openrouter", start=date(2026, 10, 19), api_key_hashes=hashes)
    router.vendor.ledger["activity"] = {date(2026, 10, 19): [openrouter_row(date(2026, 10, 19), 1)]}
    router.pull()
    assert [params["api_key_hash"] for params in router.vendor.asked()] == [[h] for h in hashes]
    assert [page["request"]["params"]["api_key_hash"] for page in router.pages()] == hashes
    assert {name.split("/")[2] for name in router.files()} == {"a" * 16, "b" * 16}


def test_reports_and_groups_can_be_chosen(source: Start) -> None:
    openai = source(**ONE_DAY, reports=["costs"], group_by={"costs": ["line_item"]})
    openai.pull()
    ((path, params),) = openai.vendor.requests
    assert path == "/v1/organization/costs"
    assert params["group_by"] == ["line_item"]


def test_a_following_page_repeats_the_request_and_a_window_is_one_file(source: Start) -> None:
    openai = source(start=date(2026, 10, 1), reports=["costs"], lookback_days=10)
    openai.vendor.buckets_per_page = 4
    openai.pull()
    old, *recent = openai.vendor.asked()
    assert "page" not in old
    # nine settled days: three pages; then eleven days on their own
    assert [p.get("page") for p in recent[:2]] == [["page_costs_4"], ["page_costs_8"]]
    assert all({k: v for k, v in p.items() if k != "page"} == old for p in recent[:2])
    assert len(openai.vendor.requests) == 3 + 11
    assert len(openai.files()) == 12
    first = openai.files()[0]
    assert first == (
        "pulled/costs/2026-10/2026-10-01_to_2026-10-09_asked_20261020T051500Z.jsonl.gz"
    )


def test_all_pages_of_a_window_carry_one_time_though_they_are_asked_one_after_the_other(
    source: Start,
) -> None:
    """Of one bucket the newest answer counts, whole: a page must not outdate the one before."""
    anthropic = source("anthropic", **ONE_DAY, reports=["usage_report/claude_code"])

    def records(_: str, params: dict[str, list[str]]) -> dict[str, Any]:
        anthropic.clock.time += timedelta(seconds=7)
        more = "page" not in params
        return {"data": [{"actor": 1}], "has_more": more, "next_page": "p2" if more else None}

    anthropic.vendor.answer = records
    anthropic.pull()
    assert [page["fetched_at"] for page in anthropic.pages()] == ["2026-10-20T05:15:00Z"] * 2


def test_a_page_is_laid_with_its_request_and_in_its_very_digits(source: Start) -> None:
    openai = source(**ONE_DAY, reports=["costs"])
    text = '{\n "object": "page",\r\n "data": [{"amount": 0E-6176, "x": 0.1000000000000000055}]\n}'
    openai.vendor.trouble = [Trouble(body=text)]
    openai.pull()
    line = gzip.decompress((openai.inbox / openai.files()[0]).read_bytes()).decode()
    assert '"amount": 0E-6176, "x": 0.1000000000000000055' in line
    assert line.count("\n") == 1
    (page,) = openai.pages()
    assert page["request"] == {
        "path": "/v1/organization/costs",
        "params": {
            "start_time": int(unix(TODAY)), "end_time": int(unix(date(2026, 10, 21))),
            "bucket_width": "1d", "limit": 1,
            "group_by": ["project_id", "line_item", "api_key_id"],
        },
    }  # fmt: skip
    assert page["fetched_at"] == "2026-10-20T05:15:00Z"


@pytest.mark.parametrize(
    ("vendor", "reports", "sample", "rows"),
    [
        ("openai", ["costs"], "openai/costs.json", 1),
        ("openai", ["usage/completions"], "openai/usage_completions.json", 1),
        ("openai", ["usage/file_search_calls"], "openai/usage_file_search_calls.json", 1),
        ("anthropic", ["cost_report"], "anthropic/cost_report.json", 1),
        ("anthropic", ["usage_report/messages"], "anthropic/usage_report_messages_2026-09.json", 1),
        ("anthropic", ["usage_report/claude_code"], "anthropic/usage_report_claude_code.json", 2),
        ("anthropic", ["analytics/cost_report"],
         "anthropic/enterprise_analytics_cost_report_observed.json", 1),
        ("openrouter", None, "openrouter/activity.json", 3),
    ],
)  # fmt: skip
def test_the_published_example_pages_are_pulled_and_landed(
    source: Start, shared: Path, vendor: str, reports: list[str] | None, sample: str, rows: int
) -> None:
    page = json.loads((shared / "samples" / "billing" / sample).read_text())
    page |= {"has_more": False}  # the examples promise a page that was not published
    day = TODAY if vendor != "openrouter" else date(2026, 10, 19)
    asking: dict[str, Any] = {"start": day, "lookback_days": 0}
    if reports:
        asking["reports"] = reports
    pulled = source(vendor, **asking)
    pulled.vendor.answer = lambda *_: page
    assert pulled.pull().problems == []
    in_exact_digits = json.loads(json.dumps(page), parse_float=Decimal)
    assert [laid["response"] for laid in pulled.pages()] == [in_exact_digits]
    landed = pulled.land()
    assert (landed.failed, landed.rows_loaded, landed.rows_quarantined) == ([], rows, 0)
