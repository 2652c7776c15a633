"""A published warehouse for the page tests: the report tables, filled with hand-made rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

USD = "DECIMAL(28,9)"
UNIT_MEASURES = f"""
    tasks_closed BIGINT, successes BIGINT, success_ratio DOUBLE, calls BIGINT, cost_usd {USD},
    judged_neutral_tasks BIGINT, first_pass_ratio DOUBLE, reversals BIGINT, human_usd {USD},
    human_per_success_usd {USD}, value_usd {USD}, task_margin_usd {USD}, baseline_saving_usd {USD},
    cost_per_task_usd {USD}, cost_per_success_usd {USD}, waste_usd {USD}, unpriced_calls BIGINT,
    small_model_ratio DOUBLE, mid_model_ratio DOUBLE, large_model_ratio DOUBLE,
    unknown_model_ratio DOUBLE, gateway_cache_hit_ratio DOUBLE, provider_cache_hit_ratio DOUBLE,
    avg_loop_depth DOUBLE, p95_loop_depth DOUBLE"""

TABLES = {
    "reports.rpt_overview": f"""month DATE, first_day DATE, last_day DATE, is_complete BOOLEAN,
        charge_usd {USD}, estimate_usd {USD}, reported_usd {USD}, tie_out_charge_usd {USD},
        tie_out_estimate_usd {USD}, tie_out_gap_usd {USD}, tie_out_gap_ratio DOUBLE,
        tasks_closed BIGINT, successes BIGINT, success_ratio DOUBLE, cost_usd {USD},
        cost_per_success_usd {USD}, waste_usd {USD}, waste_ratio DOUBLE,
        gateway_cache_hit_ratio DOUBLE, provider_cache_hit_ratio DOUBLE, avoided_usd {USD},
        avg_loop_depth DOUBLE, p95_loop_depth DOUBLE, unallocated_usd {USD},
        unallocated_ratio DOUBLE, unattributed_usd {USD}, unpriced_calls BIGINT,
        unpriced_ratio DOUBLE, pending_tasks BIGINT, unknown_tasks BIGINT,
        cost_per_success_previous_usd {USD}, cost_per_success_change_ratio DOUBLE,
        billed_cost_per_success_usd {USD},
        charge_previous_usd {USD}, charge_change_ratio DOUBLE""",
    "reports.rpt_unit_cost": f"""day DATE, task_type VARCHAR, feature VARCHAR, tenant_id VARCHAR,
        cost_basis VARCHAR, {UNIT_MEASURES}""",
    "reports.rpt_unit_cost_summary": f"""period_grain VARCHAR, period_start DATE,
        task_type VARCHAR, cost_basis VARCHAR, {UNIT_MEASURES}""",
    "reports.rpt_waste": f"""period_grain VARCHAR, period_start DATE, dimension VARCHAR,
        member VARCHAR, cost_basis VARCHAR, part VARCHAR, part_order BIGINT, waste_usd {USD},
        tasks BIGINT, share DOUBLE, cost_ratio DOUBLE, total_usd {USD}, total_ratio DOUBLE""",
    "reports.rpt_loop_depth": f"""month DATE, task_type VARCHAR, loop_depth BIGINT,
        loop_depth_label VARCHAR, tasks BIGINT, successes BIGINT, success_ratio DOUBLE,
        cost_usd {USD}, cost_per_success_usd {USD}""",
    "reports.rpt_spend_daily": f"""day DATE, provider VARCHAR, charge_usd {USD},
        estimate_usd {USD}, reported_usd {USD}, calls BIGINT, unpriced_calls BIGINT""",
    "reports.rpt_cache_daily": f"""day DATE, layer VARCHAR, hits BIGINT, lookups BIGINT,
        hit_ratio DOUBLE, saved_usd {USD}""",
    "reports.rpt_tie_out": f"""provider VARCHAR, day DATE, model VARCHAR, calls BIGINT,
        estimate_usd {USD}, charge_usd {USD}, gap_usd {USD}, gap_ratio DOUBLE, status VARCHAR,
        is_settled BOOLEAN""",
    "reports.rpt_tie_out_summary": f"""provider VARCHAR, month DATE, estimate_usd {USD},
        charge_usd {USD}, gap_usd {USD}, gap_ratio DOUBLE, days_settled BIGINT, days_open BIGINT,
        status VARCHAR""",
    "reports.rpt_reconciliation": f"""month DATE, row_kind VARCHAR, provider VARCHAR,
        estimate_usd {USD}, charge_usd {USD}, gap_usd {USD}, gap_ratio DOUBLE,
        off_gateway_usd {USD}, unpriced_usd {USD}, token_class_usd {USD}, price_usd {USD},
        discount_usd {USD}, other_charges_usd {USD}, missing_charge_usd {USD}, lag_usd {USD},
        no_bill_usd {USD}, day_shift_usd {USD}, rounding_usd {USD}, unexplained_usd {USD},
        explained_ratio DOUBLE""",
    "reports.rpt_price_drift": f"""month DATE, provider VARCHAR, model VARCHAR,
        token_class VARCHAR, days BIGINT, days_off BIGINT, billed_tokens BIGINT,
        book_usd_per_mtok {USD}, billed_usd_per_mtok {USD}, paid_usd_per_mtok {USD},
        price_usd {USD}, drift_ratio DOUBLE, is_drift BOOLEAN""",
    "reports.rpt_cost_bridge": f"""period_grain VARCHAR, period_start DATE, previous_start DATE,
        dimension VARCHAR, member VARCHAR, measure VARCHAR, driver VARCHAR, previous_usd {USD},
        current_usd {USD}, change_usd {USD}, change_ratio DOUBLE, effect_usd {USD}, share DOUBLE,
        owner VARCHAR, change_event VARCHAR""",
    "reports.rpt_change_impact": f"""changed_date DATE, change_event VARCHAR, feature VARCHAR,
        driver VARCHAR, effect_usd {USD}, effect_ratio DOUBLE, total_effect_usd {USD},
        placebo_largest_usd {USD}, is_cause BOOLEAN""",
    "reports.rpt_cap_curve": f"""task_type VARCHAR, feature VARCHAR, cap BIGINT, tasks BIGINT,
        successes BIGINT, tasks_cut BIGINT, saved_usd {USD}, saved_ratio DOUBLE,
        lost_successes BIGINT, lost_ratio DOUBLE, lost_low DECIMAL(18,3), lost_high DECIMAL(18,3),
        unpriced_calls BIGINT, is_recommended BOOLEAN""",
    "reports.rpt_hops": f"""month DATE, feature VARCHAR, task_type VARCHAR, hop_kind VARCHAR,
        hop VARCHAR, calls_per_task_ratio DOUBLE, usd_per_task {USD}, share DOUBLE,
        unpriced_calls BIGINT, owner VARCHAR""",
    "reports.rpt_loop_steps": f"""feature VARCHAR, task_type VARCHAR, step BIGINT, tasks BIGINT,
        tasks_ended BIGINT, success_ratio DOUBLE, tokens_per_task_ratio DOUBLE,
        growth_ratio DOUBLE, usd_per_task {USD}, multiplier_ratio DOUBLE""",
    "reports.rpt_savings_ledger": f"""month DATE, lever VARCHAR, saved_usd {USD}, low_usd {USD},
        estimate_usd {USD}, unjudged_calls BIGINT""",
    "reports.rpt_cache_value": f"""month DATE, layer VARCHAR, provider VARCHAR, model_id VARCHAR,
        hit_ratio DOUBLE, write_premium_usd {USD}, net_saving_usd {USD}, break_even_ratio DOUBLE,
        verdict VARCHAR""",
    "reports.rpt_offload": f"""month DATE, feature VARCHAR, provider VARCHAR, model_id VARCHAR,
        offload_tier VARCHAR, calls BIGINT, standard_usd {USD}, offload_saving_usd {USD},
        unstated_saving_usd {USD}, stated_ratio DOUBLE, owner VARCHAR""",
    "reports.rpt_fallbacks": f"""month DATE, task_type VARCHAR, feature VARCHAR,
        fallback_reason VARCHAR, tasks BIGINT, share DOUBLE, fallback_calls BIGINT,
        usd_per_fallback {USD}, success_ratio DOUBLE, cost_per_success_usd {USD}, owner VARCHAR""",
    "reports.rpt_cache_thresholds": f"""task_type VARCHAR, feature VARCHAR,
        threshold_percent INTEGER, tasks BIGINT, failure_ratio DOUBLE, other_failure_ratio DOUBLE,
        saved_usd {USD}, extra_failures_usd {USD}, net_saving_usd {USD}, is_recommended BOOLEAN""",
    "reports.rpt_cache_audit": """month DATE, feature VARCHAR, layer VARCHAR, finding VARCHAR,
        hits BIGINT, found_hits BIGINT, unstated_hits BIGINT, found_ratio DOUBLE, owner VARCHAR""",
    "reports.rpt_missed_caches": f"""month DATE, feature VARCHAR, model_id VARCHAR,
        hashed_calls BIGINT, ideal_hit_ratio DOUBLE, hit_ratio DOUBLE, missed_calls BIGINT,
        missed_usd {USD}, owner VARCHAR""",
    "reports.rpt_routing": f"""month DATE, feature VARCHAR, route_decision VARCHAR,
        model_id VARCHAR, calls BIGINT, share DOUBLE, estimate_usd {USD}, routing_saving_usd {USD},
        low_saving_usd {USD}, override_ratio DOUBLE, cold_cache_usd {USD}, owner VARCHAR""",
    "reports.rpt_reported_cost": f"""month DATE, source_name VARCHAR, model VARCHAR,
        operation VARCHAR, days_off BIGINT, reported_ratio DOUBLE, gap_usd {USD},
        likely_reason VARCHAR""",
    "reports.rpt_showback": """month DATE, dimension VARCHAR, member VARCHAR, line VARCHAR,
        pool VARCHAR, provider VARCHAR, charge_usd DECIMAL(28,12)""",
    "reports.rpt_showback_summary": f"""month DATE, dimension VARCHAR, row_kind VARCHAR,
        member VARCHAR, charge_usd {USD}, share_ratio DOUBLE, previous_month_usd {USD},
        change_usd {USD}, change_ratio DOUBLE, tasks_closed BIGINT, successes BIGINT,
        cost_per_success_usd {USD}""",
    "reports.rpt_commitments": f"""commitment VARCHAR, valid_from DATE, valid_to DATE,
        kind VARCHAR, committed_usd {USD}, billed_usd {USD}, effective_usd {USD}, idle_usd {USD},
        saving_usd {USD}, drawn_usd {USD}, remaining_usd {USD}, as_of_day DATE, exhausted_on DATE,
        unused_at_end_usd {USD}, break_even_ratio DOUBLE, month DATE, utilisation_ratio DOUBLE,
        coverage_ratio DOUBLE, effective_usd_per_mtok {USD}, on_demand_usd_per_mtok {USD}""",
    "reports.rpt_commitment_burn_down": f"""day DATE, commitment VARCHAR, valid_from DATE,
        drawn_usd {USD}, remaining_usd {USD}""",
    "reports.rpt_cross_subsidy": f"""month DATE, dimension VARCHAR, row_kind VARCHAR,
        member VARCHAR, direct_usd {USD}, shared_usd {USD}, cache_usd {USD}, borne_usd {USD},
        cross_subsidy_usd {USD}, cross_subsidy_ratio DOUBLE""",
    "reports.rpt_cost_scopes": f"""month DATE, feature VARCHAR, cost_scope VARCHAR, calls BIGINT,
        unpriced_calls BIGINT, estimate_usd {USD}, share DOUBLE""",
    "reports.rpt_billed_unit_cost": f"""month DATE, dimension VARCHAR, member VARCHAR,
        successes BIGINT, estimate_per_success_usd {USD}, cost_per_success_usd {USD},
        bill_usd {USD}, unbilled_usd {USD}, other_bills_usd {USD}, cost_usd {USD},
        other_months_usd {USD}, no_closed_task_usd {USD}""",
    "reports.rpt_tenant_margin": f"""month DATE, tenant_id VARCHAR, revenue_usd {USD},
        direct_usd {USD}, shared_usd {USD}, charge_usd {USD}, margin_usd {USD},
        margin_ratio DOUBLE""",
    "reports.rpt_untagged_trend": f"""month DATE, dimension VARCHAR, calls BIGINT,
        unpriced_calls BIGINT, estimate_usd {USD}, charge_usd {USD}, share_ratio DOUBLE,
        previous_month_usd {USD}, change_usd {USD}, first_to_ask VARCHAR,
        first_to_ask_usd {USD}""",
    "reports.rpt_unattributed": f"""month DATE, dimension VARCHAR, source_name VARCHAR,
        api_key_id VARCHAR, team_tag VARCHAR, likely_owner VARCHAR, calls BIGINT,
        unpriced_calls BIGINT, estimate_usd {USD}, previous_month_usd {USD}, change_usd {USD}""",
    "reports.rpt_statements": "month DATE, close_number BIGINT",
    "reports.rpt_source_health": """source_name VARCHAR, format VARCHAR, files_loaded BIGINT,
        files_failed BIGINT, rows_loaded BIGINT, rows_quarantined BIGINT, first_day DATE,
        last_day DATE, days_behind BIGINT, last_landed_at TIMESTAMP""",
    "reports.rpt_unmapped_models": f"""provider VARCHAR, model VARCHAR, charge_lines BIGINT,
        charge_usd {USD}, calls BIGINT, first_day DATE, last_day DATE""",
    "reports.rpt_left_out": """month DATE, source_name VARCHAR, kind VARCHAR, reason VARCHAR,
        files BIGINT, records BIGINT, input_tokens BIGINT, output_tokens BIGINT,
        unclassified_tokens BIGINT, reported_usd DECIMAL(28,9)""",
    "ops.quarantine": """file_id BIGINT, source_name VARCHAR, source_file VARCHAR,
        source_line BIGINT, table_name VARCHAR, field VARCHAR, reason VARCHAR""",
    "ops.files": """file_id BIGINT, source_name VARCHAR, source_file VARCHAR, status VARCHAR,
        rows_loaded BIGINT, rows_quarantined BIGINT, reason VARCHAR, size_bytes BIGINT,
        landed_at TIMESTAMP""",
    "ops.checks": """run_id VARCHAR, name VARCHAR, passed BOOLEAN, severity VARCHAR,
        detail VARCHAR, cure VARCHAR""",
    "ops.runs": """run_id VARCHAR, started_at TIMESTAMP, finished_at TIMESTAMP, status VARCHAR,
        as_of_day DATE""",
}
"""Columns of the published tables, as the models promise them to the pages."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def publish(database: Path, rows: Rows) -> Path:
    """Write a published DuckDB file; a column that a row leaves out is NULL."""
    with duckdb.connect(database) as connection:
        connection.execute("begin; create schema reports; create schema ops")
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({columns})")
            for row in rows.get(table, ()):
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
                )
        connection.execute("commit")
    return database
