"""What the demo's caches and tiers saved, against its own counts and prices that are published."""

from __future__ import annotations

from decimal import Decimal

from tests.demo.conftest import Published

M = Decimal(1_000_000)


def test_the_gateways_cache_saved_what_was_planted(
    published: Published,
) -> None:
    ((saved, low),) = published.workspace.query(
        "select sum(saved_usd), sum(low_usd) from reports.rpt_savings_ledger"
        " where lever = 'response_cache'"
    )
    assert (saved, low) == (Decimal(published.truth["calls"]["avoided_usd"]), 0)
    ((exact, semantic, retrieval),) = published.workspace.query(
        "select sum(saved_usd) filter (where layer = 'exact'),"
        " sum(saved_usd) filter (where layer = 'semantic'),"
        " sum(saved_usd) filter (where layer = 'retrieval') from reports.rpt_cache_value"
    )
    assert exact + semantic + retrieval == saved
    assert semantic > 0


def test_tiers_and_the_cache_saved_what_openais_list_says(
    published: Published,
) -> None:
    """USD a million in, cached and out at the standard tier and at the one that served."""
    prices = {
        ("gpt-4.1-mini", "batch"): (("0.4", "0.1", "1.6"), ("0.2", "0.1", "0.8")),
        ("gpt-5.5", "flex"): (("5", "0.5", "30"), ("2.5", "0.25", "15")),
        ("gpt-5.5", "priority"): (("5", "0.5", "30"), ("12.5", "1.25", "75")),
    }
    tier = interaction = Decimal(0)
    for model, name, plain, cached, out in published.workspace.query(
        "select model_id, service_tier, sum(input_uncached_tokens), sum(cache_read_tokens),"
        " sum(output_tokens) from marts.fct_calls where service_tier <> 'standard' group by all"
    ):
        standard, served = (map(Decimal, texts) for texts in prices.pop((model, name)))
        (was_in, was_read, was_out), (now_in, now_read, now_out) = standard, served
        tier += ((plain + cached) * (was_in - now_in) + out * (was_out - now_out)) / M
        interaction += cached * ((now_in - now_read) - (was_in - was_read)) / M
    assert not prices
    found = dict(
        published.workspace.query(
            "select lever, sum(saved_usd) from reports.rpt_savings_ledger group by lever"
        )
    )
    assert (found["service_tier"], found["interaction"]) == (tier, interaction)
    assert found.pop("total") == sum(found.values())


def test_a_prefix_cache_saved_what_anthropics_list_says(
    published: Published,
) -> None:
    """claude-haiku-4-5: 1.00 in; a read 0.10, a write 1.25 for 5 minutes, 2.00 for an hour."""
    ((read, short, long, hits, tokens),) = published.workspace.query(
        "select sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),"
        " sum(billable_cache_read_tokens), sum(billable_input_tokens) from marts.fct_calls"
        " where model_id = 'claude-haiku-4-5' and not cached_hit and not is_unpriced"
        " and date_trunc('month', call_date) = date '2026-08-01'"
    )
    premium = (short * Decimal("0.25") + long) / M
    net = read * Decimal("0.9") / M - premium
    ((found),) = published.workspace.query(
        "select net_saving_usd, write_premium_usd, hit_ratio, break_even_ratio, verdict"
        " from reports.rpt_cache_value where layer = 'prefix' and model_id = 'claude-haiku-4-5'"
        " and month = date '2026-08-01'"
    )
    assert found[:2] == (net, premium)
    assert abs(found[2] - hits / tokens) < 1e-12
    assert abs(found[3] - hits / tokens * float(premium / (net + premium))) < 1e-12
    assert found[4] == "saves"


def test_tiers_regions_and_long_contexts_cost_what_was_planted(published: Published) -> None:
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), dimension, member, sum(calls), sum(estimate_usd),"
        " sum(modifier_usd), sum(unjudged_calls) from reports.rpt_price_modifiers"
        " where member not in ('standard', 'everywhere', 'short', 'no rate card') group by all"
        " order by 1, 2, 3"
    )
    assert found == [
        (row["month"], row["dimension"], row["member"], row["calls"], Decimal(row["usd"]),
         Decimal(row["modifier_usd"]), 0)
        for row in published.truth["price_modifiers"]
    ]  # fmt: skip
    assert {row[2] for row in found} == {"batch", "flex", "priority", "us", "from 272001 tokens"}


def test_each_dimension_of_a_price_holds_every_call(published: Published) -> None:
    """What is not planted is plain, and costs nothing more."""
    every = published.workspace.query("select count(*), sum(estimate_usd) from marts.fct_calls")
    for dimension in ("service_tier", "region", "context_window"):
        whole = published.workspace.query(
            "select sum(calls), sum(estimate_usd) from reports.rpt_price_modifiers"
            f" where dimension = '{dimension}'"
        )
        assert whole == every
    ((more,),) = published.workspace.query(
        "select sum(abs(modifier_usd)) from reports.rpt_price_modifiers"
        " where member in ('standard', 'everywhere', 'short')"
    )
    assert more == 0


def test_work_that_could_wait_is_what_the_applications_stated(published: Published) -> None:
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), feature, sum(calls), sum(standard_usd), sum(tier_usd),"
        " any_value(owner) from reports.rpt_offload"
        " where offload_tier = 'batch' and calls > 0 group by all order by 1, 2"
    )
    assert found == [
        (row["month"], row["feature"], row["calls"], Decimal(row["standard_usd"]),
         Decimal(row["batch_usd"]), "FinOps")
        for row in published.truth["offload"]
    ]  # fmt: skip
    assert {row["feature"] for row in published.truth["offload"]} == {"code_review_bot"}


def test_what_nobody_said_could_wait_stands_beside_it(published: Published) -> None:
    """Invoices and scripts do not say; a third of the code reviews are audits for nobody."""
    rows = published.workspace.query(
        "select feature, sum(calls), sum(unstated_calls), min(stated_ratio), max(stated_ratio)"
        " from reports.rpt_offload where feature is not null group by feature order by feature"
    )
    (review, audits, *_), (capture, none, unstated, low, high), *_ = rows
    assert (review, capture, none, low, high) == ("code_review_bot", "invoice_capture", 0, 0, 0)
    assert audits > 0
    assert unstated > 0


def test_the_router_saved_and_was_overridden_as_planted(published: Published) -> None:
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), route_decision, sum(calls), sum(routing_saving_usd),"
        " sum(overridden_calls) from reports.rpt_routing group by all order by 1, 2"
    )
    assert found == [
        (row["month"], row["route_decision"], row["calls"], Decimal(row["saving_usd"]),
         row["overridden_calls"])
        for row in published.truth["routing"]
    ]  # fmt: skip
    assert {row["route_decision"] for row in published.truth["routing"]} == {"SIMPLE", "COMPLEX"}


def test_routing_is_a_lever_of_the_ledger(published: Published) -> None:
    ((routed, lever),) = published.workspace.query(
        "select (select sum(routing_saving_usd) from reports.rpt_routing),"
        " (select sum(saved_usd) from reports.rpt_savings_ledger where lever = 'routing')"
    )
    planted = sum(Decimal(row["saving_usd"]) for row in published.truth["routing"])
    assert routed == lever == planted
    assert planted > 0


def test_compression_is_what_the_application_stated(published: Published) -> None:
    found = published.amounts(
        "select strftime(month, '%Y-%m'), saved_usd from reports.rpt_savings_ledger"
        " where lever = 'compression'"
    )
    assert found == {(row["month"],): Decimal(row["usd"]) for row in published.truth["compression"]}
    ((unjudged, calls, stated),) = published.workspace.query(
        "select (select sum(unjudged_calls) from reports.rpt_savings_ledger"
        " where lever = 'compression'), sum(calls), sum(compression_stated_calls)"
        " from marts.fct_usage_daily"
    )
    assert unjudged == calls - stated


def test_a_release_saved_what_its_start_is_shorter_by(published: Published) -> None:
    """Which of the tokens a cache would have read is known less surely than their number."""
    found = dict(
        published.workspace.query(
            "select prompt_version, saved_usd::double from reports.rpt_prompts"
            " where abs(saved_usd) > 1"
        )
    )
    planted: dict[str, float] = {}
    for row in published.truth["prompt_releases"]:
        version = row["prompt_version"]
        planted[version] = planted.get(version, 0) + float(row["usd"])
    assert planted["sup-11"] < 0 < planted["cap-4"]
    assert found.keys() == planted.keys()
    for version, usd in planted.items():
        assert abs(found[version] - usd) < 0.2 * abs(usd)


def test_fallbacks_are_the_planted_ones_with_the_error_before_them(published: Published) -> None:
    """Of half the answers, the streams, the log does not state it: the failed attempt shows it."""
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), feature, sum(tasks), sum(fallback_calls),"
        " sum(fallback_usd), min(fallback_reason)"
        " from reports.rpt_fallbacks where fallback_reason <> 'none' group by all order by 1, 2"
    )
    assert found == [
        (row["month"], row["feature"], row["tasks"], row["calls"], Decimal(row["usd"]),
         "ServiceUnavailableError")
        for row in published.truth["fallbacks"]
    ]  # fmt: skip
    assert found
    ((successes,),) = published.workspace.query(
        "select sum(successes) from marts.fct_fallbacks_daily where fallback_reason <> 'none'"
    )
    assert successes == sum(row["successes"] for row in published.truth["fallbacks"])
