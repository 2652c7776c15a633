"""What the demo's gateway cache answered wrongly, should not have answered, and missed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.demo.conftest import Published


def test_every_finding_is_the_planted_one(published: Published) -> None:
    """Answers about a customer's invoices are that customer's; some entries never expire."""
    found = published.amounts(
        "select strftime(month, '%Y-%m'), feature, finding, sum(found_hits)::bigint"
        " from reports.rpt_cache_audit group by all"
        " union all select strftime(month, '%Y-%m'), feature, 'hits', sum(hits)::bigint"
        " from reports.rpt_cache_audit where finding = 'unencrypted' group by all"
    )
    planted = {
        (row["month"], row["feature"], row["finding"]): row["hits"]
        for row in published.truth["cache_audit"] if row["hits"]
    }  # fmt: skip
    assert found == planted
    assert {finding for _, _, finding in planted} == {
        "hits", "cross_tenant", "no_lifetime", "stale",
    }  # fmt: skip
    ((lag,),) = published.workspace.query(
        "select max(longest_lag_minutes) from reports.rpt_cache_audit"
    )
    assert lag == published.truth["longest_lag_minutes"] > 0


def test_prompts_that_came_again_uncached_are_the_planted_ones(published: Published) -> None:
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), model_id, sum(missed_calls), sum(missed_usd)"
        " from reports.rpt_missed_caches where missed_calls > 0 and missed_usd is not null"
        " group by all order by 1, 2"
    )
    assert found == [
        (row["month"], row["model"], row["calls"], Decimal(row["usd"]))
        for row in published.truth["missed_caches"] if row["model"] != "larkspur-triage-7b"
    ]  # fmt: skip


def test_semantic_hits_stand_under_their_similarity(published: Published) -> None:
    found = published.workspace.query(
        "select similarity_percent, sum(successes + failures), sum(failures), sum(hits),"
        " sum(avoided_usd) from marts.fct_semantic_hits_daily where has_semantic_hit"
        " group by similarity_percent order by similarity_percent"
    )
    assert found == [
        (row["similarity_percent"], row["tasks"], row["failures"], row["hits"],
         Decimal(row["avoided_usd"]))
        for row in published.truth["semantic_hits"]
    ]  # fmt: skip


def test_the_recommended_threshold_is_the_best_of_a_sweep_by_hand(published: Published) -> None:
    """Below 90 percent most of the planted answers are wrong, from there on none is; the best keeps
    no more wrong ones than other tasks fail."""
    ((failed, judged, usd, won),) = published.workspace.query(
        "select count(*) filter (where status = 'failure'),"
        " count(*) filter (where status in ('success', 'failure')), sum(estimate_usd),"
        " count(*) filter (where status = 'success')"
        " from marts.fct_tasks where closed_date is not null and task_type = 'support_ticket'"
        " and task_id not in (select task_id from marts.fct_calls where cache_layer = 'semantic')"
    )
    hits = published.truth["semantic_hits"]
    net = {}
    for at_least in hits:
        kept = [r for r in hits if r["similarity_percent"] >= at_least["similarity_percent"]]
        extra = sum(r["failures"] for r in kept) - sum(r["tasks"] for r in kept) * failed / judged
        saved = sum(float(r["avoided_usd"]) for r in kept)
        net[at_least["similarity_percent"]] = saved - max(extra, 0) * float(usd) / won
    found = published.workspace.query(
        "select threshold_percent, net_saving_usd, is_recommended from reports.rpt_cache_thresholds"
    )
    assert {percent: float(usd) for percent, usd, _ in found} == pytest.approx(net, abs=0.001)
    (best,) = (percent for percent, _, is_best in found if is_best)
    assert best == max(net, key=lambda percent: net[percent])
    assert 80 < best <= 90
