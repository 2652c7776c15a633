"""Great-expectations suites: does what arrived look like calls, bills and evaluations at all?

The contract refuses rows that are wrong by themselves. These suites look at a whole day of a
source, where a wrong unit, a renamed field or a mapping that points nowhere shows. They run on one
small profile row per source, table and UTC day, computed in DuckDB, never on the rows themselves:
great-expectations' SQL engine gives empty results over DuckDB, and its data frames do not scale.

The library takes two seconds of processor time to import, a tenth of a run with one new call: it
is imported only when a day is beyond a limit.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.lake.catalog import LakePaths
from ingest.sql import exact_path, literal

CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True)
class Rule:
    """One measure of the profile and the range that it must lie in.

    Attributes:
        measure: column of the profile.
        sql: aggregate over the rows of one source and day; NULL when it does not apply.
        limit: largest value that is plausible.
        severity: `critical` when the day cannot be used, `warning` when it can.
        meaning: what a larger value means, and where to look.
    """

    measure: str
    sql: str
    limit: float
    severity: str
    meaning: str


@dataclass(frozen=True)
class Finding:
    """A day of a source that does not look as it should.

    Attributes:
        observed: the measure's value, as text.
        is_critical: the day cannot be used.
    """

    source_name: str
    table: str
    utc_day: date
    measure: str
    observed: str
    meaning: str
    is_critical: bool


_USES_TOKENS = (
    "status = 'ok' and not coalesce(cached_hit, false)"
    " and operation in ('chat', 'text_completion', 'generate_content', 'embeddings')"
)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "gateway_calls": (
        Rule(
            "model_missing_share",
            "avg((response_model is null and request_model is null)::int)"
            f" filter (where {_USES_TOKENS})",
            0.5,
            CRITICAL,
            "most calls name no model and cannot be priced: the model's field is mapped wrongly",
        ),
        Rule(
            "tokens_missing_share",
            "avg((input_uncached_tokens is null and cache_read_tokens is null"
            f" and output_tokens is null)::int) filter (where {_USES_TOKENS})",
            0.5,
            CRITICAL,
            "most answered calls state no tokens: the usage fields are mapped wrongly",
        ),
        Rule(
            # what a span does not say may come from the spans above it
            "unattributed_share",
            "avg((tenant_id is null and feature is null)::int)"
            " filter (where not coalesce(starts_with(call_id, trace_id || '/'), false))",
            0.9,
            WARNING,
            "nearly no call names a tenant or a feature: see [attribution] of the source",
        ),
        # the largest context windows on offer hold ten million tokens
        Rule(
            "largest_input_tokens",
            "max(input_uncached_tokens + coalesce(cache_read_tokens, 0))",
            20_000_000,
            CRITICAL,
            "one call states more input than any model takes: a unit is wrong, or a counter is"
            " cumulative",
        ),
        # twenty million tokens at the dearest listed input price, 150 USD per million
        Rule(
            "largest_cost_usd",
            "max(reported_cost_usd)",
            3_000,
            CRITICAL,
            "one call costs more than any can: cents or micro-dollars are read as dollars",
        ),
        Rule(
            "ends_before_start_share",
            "avg((ended_at < started_at)::int)",
            0.0,
            WARNING,
            "calls end before they start: a time format or zone is mapped wrongly",
        ),
        Rule(
            "longest_call_hours",
            "max(date_diff('hour', started_at, ended_at))",
            24,
            WARNING,
            "a call lasts longer than a day: seconds and milliseconds are mixed up",
        ),
    ),
    "billing_charges": (
        Rule(
            # legal in FOCUS, and nothing adds them; of one provider it is mostly a mistake
            "currencies",
            "count(distinct billing_currency)",
            1,
            WARNING,
            "lines of several currencies: only those in US dollars are in any dollar figure",
        ),
        Rule(
            "negative_usage_share",
            "avg((billed_cost < 0 and charge_class is null)::int)"
            " filter (where charge_category = 'Usage')",
            0.5,
            WARNING,
            "most usage lines are negative and are no corrections: the amount's sign is turned",
        ),
    ),
    "billing_usage": (
        Rule(
            "model_missing_share",
            "avg((model is null)::int) filter (where usage_type in"
            " ('completions', 'embeddings', 'messages'))",
            0.5,
            WARNING,
            "the report names no models: pull it grouped by model",
        ),
    ),
    "task_outcomes": (
        # a mapping that knows none of the source's words gives one answer for every task
        Rule(
            "one_outcome_share",
            "case when count(*) >= 50 then greatest("
            "avg((outcome = 'success')::int), avg((outcome = 'failure')::int),"
            " avg((outcome = 'pending')::int)) end",
            0.999,
            WARNING,
            "every evaluation of the day is the same: see `outcome` in the source's mapping",
        ),
    ),
}
"""What is expected of each canonical table."""


def profile(paths: LakePaths, since_commit: int) -> pl.DataFrame:
    """One row per table, source and UTC day that changed after a commit of the lake.

    Returns:
        Columns `table_name, source_name, utc_day, row_count` and every rule's measure, NULL
        where it does not apply.
    """
    with duckdb.connect(str(paths.catalog), read_only=True) as con:
        parts = con.execute(
            "select p.table_name, list(p.path) from parts as p"
            " where exists (from changed_days as c where c.table_name = p.table_name"
            " and c.utc_day = p.utc_day and c.commit_id > $since)"
            " group by 1 order by 1",
            {"since": since_commit},
        ).fetchall()
        selects = [
            _profile_select(table, paths.lake, names) for table, names in parts if table in RULES
        ]
        if not selects:
            return pl.DataFrame(schema={"table_name": pl.String})
        query = " union all by name ".join(selects) + " order by 1, 2, 3"
        return con.execute(query).pl()


def _profile_select(table: str, lake: Path, names: Sequence[str]) -> str:
    files = ", ".join(literal(exact_path(lake / name)) for name in names)
    measures = "".join(f", cast({rule.sql} as double) as {rule.measure}" for rule in RULES[table])
    return (
        f"(select '{table}' as table_name, source_name, utc_day, count(*) as row_count{measures}"
        f" from read_parquet([{files}], hive_partitioning = true, union_by_name = true,"
        " hive_types = {'utc_day': date, 'source_name': varchar}) group by all)"
    )


def evaluate_rules(frame: pl.DataFrame) -> list[Finding]:
    """Run every table's suite over its part of a profile.

    Args:
        frame: as `profile` returns it; one within every limit has no findings.
    """
    findings: list[Finding] = []
    for table, rules in RULES.items():
        part = frame.filter(pl.col("table_name") == table)
        if _is_beyond(rules, part):
            findings += _validate(table, rules, part)
    return sorted(findings, key=lambda f: (not f.is_critical, f.source_name, f.utc_day, f.measure))


def _is_beyond(rules: Sequence[Rule], part: pl.DataFrame) -> bool:
    """Whether any day may have a finding: a measure above its limit, or one that is no number."""
    return any(bool((part[rule.measure] > rule.limit).any()) for rule in rules if len(part))


def _validate(table: str, rules: Sequence[Rule], part: pl.DataFrame) -> list[Finding]:
    """Run one suite; a NULL measure does not apply and is no finding."""
    # its usage statistics would be sent over the network
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    # one of its parts asks for INFO, and would tell every run's terminal of a temporary folder
    for name in (gx.__name__, ProgressBarsConfig.__module__):
        logging.getLogger(name).setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batches = context.data_sources.add_pandas("profile").add_dataframe_asset(table)
    whole = batches.add_batch_definition_whole_dataframe("all")
    batch = whole.get_batch({"dataframe": part.to_pandas(date_as_object=True)})
    suite = gx.ExpectationSuite(
        name=table,
        expectations=[
            ExpectColumnValuesToBeBetween(
                column=rule.measure, max_value=rule.limit, severity=FailureSeverity(rule.severity)
            )
            for rule in rules
        ],
    )
    by_measure = {rule.measure: rule for rule in rules}
    report = batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["source_name", "utc_day"],
        },
    )
    return [
        _finding(table, by_measure[result.expectation_config.kwargs["column"]], row)
        for result in report.results
        if not result.success and result.expectation_config
        for row in result.result["unexpected_index_list"]
    ]


def _finding(table: str, rule: Rule, row: Mapping[str, Any]) -> Finding:
    return Finding(
        source_name=str(row["source_name"]),
        table=table,
        utc_day=row["utc_day"],
        measure=rule.measure,
        observed=f"{Decimal(str(round(float(row[rule.measure]), 4))).normalize():f}",
        meaning=rule.meaning,
        is_critical=rule.severity == CRITICAL,
    )
