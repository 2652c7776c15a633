"""The afternoon on which a queue was long stands in one row: wait, timeouts, latency, cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from tests.demo.conftest import Published

EVERY_HOUR = (
    "select period_start, timed_out_calls, failed_usd, model_p95_seconds, queue_depth_max,"
    " concurrency_limit_max, queue_shed, retries from reports.rpt_operations"
    " where period_grain = 'hour' and dimension = 'feature' and member = 'support_assistant'"
)


def test_each_hour_of_the_backlog_says_what_was_planted(published: Published) -> None:
    planted = published.truth["backlogs"]
    assert sum(hour["timed_out_calls"] for hour in planted) > 3
    rows = {row[0]: row[1:] for row in published.workspace.query(EVERY_HOUR)}
    for hour in planted:
        timed_out, failed_usd, p95, *_, retries = rows[datetime.fromisoformat(hour["hour"][:19])]
        assert timed_out == hour["timed_out_calls"]
        # each is tried again; so is what a rate limit refused
        assert retries >= timed_out
        # broken streams and clients that left cost something beside them
        assert failed_usd >= Decimal(hour["timed_out_usd"])
        assert float(p95) == pytest.approx(hour["p95_us"] / 1e6, rel=0.021, abs=0.001)


def test_the_queue_stands_beside_them(published: Published) -> None:
    """Samples at 15:00 say 240 waiting of 32 workers: of every ten minutes one, as planted."""
    rows = {row[0]: row[1:] for row in published.workspace.query(EVERY_HOUR)}
    depths = [rows[datetime(2026, 8, 5, hour)][3] for hour in (12, 13, 14, 15, 16, 17)]
    assert depths[1:5] == [100, 220, 240, 120]
    assert max(depths[0], depths[5]) <= 1
    # 216 and more wait at 15:00 and 15:10
    assert [rows[datetime(2026, 8, 5, hour)][5] for hour in (14, 15)] == [4, 8]
    assert rows[datetime(2026, 8, 5, 15)][4] == 32
    assert sum(rows[datetime(2026, 8, 5, hour)][6] for hour in (14, 15, 16)) > 3


def test_queues_wait_as_their_samples_say(published: Published) -> None:
    ((wait, most),) = published.workspace.query(
        "select queue_depth, queue_depth_max from reports.rpt_operations where"
        " period_grain = 'day' and dimension = 'all' and period_start = timestamp '2026-08-05'"
    )
    ((mean,),) = published.workspace.query(
        "select sum(mean) from (select avg(queue_depth) as mean from raw.queue_samples"
        " where utc_day = '2026-08-05' group by queue_name)"
    )
    assert most == 240
    assert float(wait) == pytest.approx(mean, abs=0.002)


def test_logs_kept_against_policy_are_flagged(published: Published) -> None:
    found = published.workspace.query(
        "select source_name, state from reports.rpt_log_storage where month = '2026-08-01'"
        " and flagged_sources = 1 order by 1"
    )
    assert found == [(item["source"], item["state"]) for item in published.truth["log_storage"]]


def test_what_was_landed_is_what_lies_in_the_inbox(published: Published) -> None:
    """Of every source but those whose files come again: what was replaced is not kept twice."""
    folder = published.workspace.root / "inbox"
    for source in ("queues", "reviews", "batch-jobs"):
        size = sum(path.stat().st_size for path in (folder / source).iterdir())
        ((landed,),) = published.workspace.query(
            f"select sum(landed_bytes) from marts.fct_log_storage_monthly"
            f" where source_name = '{source}'"
        )
        assert landed == size, source
    ((total,),) = published.workspace.query(
        "select sum(storage_usd) from reports.rpt_log_storage where row_kind = 'total'"
    )
    ((parts,),) = published.workspace.query(
        "select sum(storage_usd) from reports.rpt_log_storage where row_kind = 'source'"
    )
    assert total == parts > 0
