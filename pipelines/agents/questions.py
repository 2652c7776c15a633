"""Questions of agents, answered from the published file with what makes a figure trustworthy.

Every answer says its period, how far the data reach, on whose figures it rests and what is not
covered: calls without a price, spend that names no feature or tenant, days not billed yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from ingest.errors import OutlayError, nearest
from ingest.sql import quote
from pipelines.agents.catalog import (
    GRAINS,
    Metric,
    column_of,
    decision_on,
    metric_for,
    metrics,
)
from pipelines.agents.published import PublishedFile, Rows
from pipelines.queries.cost_bridge import Period, month_of, parse_period

Answer = dict[str, Any]

_DRILLED = (
    "utc_day", "started_at", "provider", "model_id", "feature", "tenant_id", "team",
    "cost_centre", "task_id", "status", "input_uncached_tokens", "cache_read_tokens",
    "output_tokens", "estimate_usd", "charge_usd",
)  # fmt: skip
"""What is told of a call; nothing of it names a person."""

_CALL_FILTERS = ("cost_centre", "team", "feature", "tenant_id", "provider", "model_id")


@dataclass(frozen=True)
class Questions:
    """What can be asked of a published file."""

    file: PublishedFile

    def list_metrics(self) -> Answer:
        """Every metric with its meaning, its basis, and what it can be asked by."""
        return {
            "metrics": [
                {
                    "name": metric.name,
                    "means": metric.description,
                    "basis": metric.basis,
                    "by": list(metric.dimensions),
                    "periods": metric.periods,
                    "relation": metric.relation,
                }
                for metric in metrics()
            ],
            "grains": list(GRAINS),
            "data_as_of": self._data_as_of(),
        }

    def ask(
        self,
        metric: str,
        by: Sequence[str] = (),
        period: str = "",
        where: Mapping[str, str] | None = None,
        limit: int = 50,
    ) -> Answer:
        """A metric in a period, by dimensions and grain, the largest first, with its total."""
        within = self._period(period)
        grains = [name for name in by if name in GRAINS]
        wanted = {column_of(name): value for name, value in (where or {}).items()}
        columns = [column_of(name) for name in by if name not in GRAINS]
        asked = metric_for(
            metric,
            [*columns, *wanted],
            whole_months=within == _whole_months(within) and set(grains) <= {"month"},
        )
        selected = [
            *(f"date_trunc('{grain}', {asked.period})::date as {quote(grain)}" for grain in grains),
            *(quote(column) for column in columns),
        ]
        self._refuse_unknown_values(asked.relation, wanted)
        values = {"first": within.first, "end": within.end, **_named(wanted)}
        sql = (
            f"select {''.join(f'{one}, ' for one in selected)}{asked.expression} as {asked.name}"
            f" from {asked.relation} where {_condition(asked, wanted)}"
        )
        total = self.file.value(
            f"select {asked.expression} from {asked.relation} where {_condition(asked, wanted)}",
            values,
        )
        order = [*map(quote, grains), f"{asked.name} desc nulls last", *map(quote, columns)]
        grouped = f"{sql} group by all order by {', '.join(order)}" if selected else sql
        rows = self.file.rows(grouped, values, limit)
        return {
            "metric": asked.name,
            "means": asked.description,
            "basis": asked.basis,
            **self._trust(within),
            "filters": wanted,
            "total": total,
            **_table(rows),
            "sql": grouped,
        }

    def explain(self, name: str) -> Answer:
        """What a metric or a relation means: words, decision, SQL, versions, coverage."""
        named = [metric for metric in metrics() if metric.name == name]
        if named:
            return {
                "name": name,
                "means": named[0].description,
                "decision": decision_on(name),
                "computed_by": [_computed(metric) for metric in named],
                **self._versions(),
                **self._trust(self._period("")),
            }
        schema, _, relation = name.rpartition(".")
        columns = self.file.rows(
            "select column_name, data_type, comment from duckdb_columns()"
            " where table_name = $relation and schema_name = coalesce(nullif($schema, ''),"
            " schema_name) and not internal order by column_index",
            {"relation": relation, "schema": schema},
        )
        if not columns.rows:
            raise OutlayError(f"{name!r} is no metric and no relation: ask list_metrics")
        comment = self.file.value(
            "select comment from (select schema_name, table_name as name, comment from"
            " duckdb_tables() union all select schema_name, view_name, comment from duckdb_views())"
            " where name = $relation",
            {"relation": relation},
        )
        return {"name": name, "means": comment, **_table(columns), **self._versions()}

    def drill(self, period: str, where: Mapping[str, str] | None = None, limit: int = 50) -> Answer:
        """Calls behind the usage lines of statements, the dearest first, without prompts."""
        within = self._period(period)
        wanted = {column_of(name): value for name, value in (where or {}).items()}
        _refuse_unknown(wanted, _CALL_FILTERS)
        self._refuse_unknown_values("marts.fct_team_usage_daily", wanted)
        condition = f"utc_day >= $first and utc_day < $end{_filters(wanted)}"
        values = {"first": within.first, "end": within.end, **_named(wanted)}
        source = f"reports.rpt_call_charges where {condition}"
        calls, charge = self.file.rows(
            f"select count(*), sum(charge_usd) from {source}", values
        ).rows[0]
        rows = self.file.rows(
            f"select {', '.join(_DRILLED)} from {source}"
            " order by charge_usd desc nulls last, started_at, source_name, call_id",
            values,
            limit,
        )
        return {
            "basis": "charge",
            **self._trust(within),
            "filters": wanted,
            "calls": calls,
            "charge_usd": charge,
            **_table(rows),
        }

    def incidents(self, status: str = "", limit: int = 50) -> Answer:
        """What burnt more than it should have, the newest first."""
        rows = self.file.rows(
            "select incident_id, started_at, last_at, scope, member, feature, measure, expected,"
            " actual, excess_usd, driver, change_event, owner, status from reports.rpt_incidents"
            " where status = coalesce(nullif($status, ''), status)"
            " order by started_at desc, excess_usd desc, incident_id",
            {"status": status},
            limit,
        )
        return {
            "basis": "estimate",
            "note": "scopes overlap: the same spend can stand under a feature, its tenant and key",
            "data_as_of": self._data_as_of(),
            **_table(rows),
        }

    def statement_lines(
        self, month: str, kind: str = "cost_centre", member: str = "", limit: int = 200
    ) -> Answer:
        """Lines of a month's statements of one kind of member, in whole cents."""
        kinds = ("cost_centre", "team", "feature", "tenant")
        if kind not in kinds:
            raise OutlayError(f"there are statements of {', '.join(kinds)}, none of {kind!r}")
        within = self._period(month)
        if within != month_of(within.first):
            raise OutlayError("statements are of months: write 2026-10")
        values = {"month": within.first, "kind": kind, "member": member}
        source = (
            "reports.rpt_statement_lines where month = $month and kind = $kind"
            " and ($member = '' or member = $member)"
        )
        rows = self.file.rows(
            "select member, line, adjusted_line, original_month, pool, provider, amount_usd"
            f" from {source}"
            " order by member nulls last, amount_usd desc, line, adjusted_line, original_month,"
            " pool, provider",
            values,
            limit,
        )
        return {
            "basis": "charge",
            **self._trust(within),
            "kind": kind,
            "amount_usd": self.file.value(f"select sum(amount_usd) from {source}", values),
            **_table(rows),
        }

    def query(self, sql: str, limit: int = 50) -> Answer:
        """Rows of one SELECT over schemas reports, marts and ops."""
        return {
            "note": "the comment of a relation says first by which columns it must be filtered",
            "data_as_of": self._data_as_of(),
            **_table(self.file.query(sql, limit)),
        }

    def _refuse_unknown_values(self, relation: str, wanted: Mapping[str, str]) -> None:
        """An answer about a misspelt name would be nothing, and look like an answer."""
        for column, value in wanted.items():
            known = self.file.values(f"select distinct {quote(column)} from {relation}")
            if value and value not in known:
                raise OutlayError(f"there is no {column} {value!r}{nearest(value, known)}")

    def _period(self, written: str) -> Period:
        """What was asked for; without a word the newest complete month."""
        if written:
            return parse_period(written)
        newest = self.file.value(
            "select coalesce(max(month) filter (where is_complete), max(month))"
            " from reports.rpt_overview"
        )
        if newest is None:
            raise OutlayError("the published file holds no month yet")
        return month_of(date.fromisoformat(newest))

    def _data_as_of(self) -> Answer:
        calls, bills, outcomes = self.file.rows(
            "select (select max(call_date) from marts.fct_usage_daily),"
            " (select max(utc_day) from marts.fct_charges_daily),"
            " (select max(day) from reports.rpt_task_costs)"
        ).rows[0]
        return {"calls": calls, "bills": bills, "outcomes": outcomes}

    def _trust(self, within: Period) -> Answer:
        """Period, how far the data reach, and shares of the period that are not covered."""
        unpriced, untagged, unbilled = self.file.rows(
            "select cast(sum(unpriced_calls) as double) / nullif(sum(calls), 0),"
            " cast(sum(estimate_usd) filter (where feature is null or tenant_id is null) as double)"
            " / nullif(cast(sum(estimate_usd) as double), 0),"
            " (select cast(sum(estimate_usd) filter (where charge_usd is null) as double)"
            " / nullif(cast(sum(estimate_usd) as double), 0)"
            " from marts.fct_tie_out where day >= $first and day < $end)"
            " from marts.fct_usage_daily where call_date >= $first and call_date < $end",
            {"first": within.first, "end": within.end},
        ).rows[0]
        return {
            "period": {"first": within.first.isoformat(), "last": within.last.isoformat()},
            "data_as_of": self._data_as_of(),
            "coverage": {
                "calls_without_price_ratio": unpriced,
                "estimate_without_feature_or_tenant_ratio": untagged or 0.0,
                "estimate_not_billed_ratio": unbilled or 0.0,
            },
        }

    def _versions(self) -> Answer:
        rows = self.file.rows(
            "select distinct section, name, value from reports.rpt_statement_notes"
            " where starts_with(section, 'version of ') and month ="
            " (select max(month) from reports.rpt_statement_notes) order by all"
        ).rows
        stated = {f"{section.removeprefix('version of ')}: {name}": value
                  for section, name, value in rows}  # fmt: skip
        return {"versions": {"outlay": version("outlay"), **stated}}


def _whole_months(period: Period) -> Period:
    """The months that a period touches."""
    return Period(month_of(period.first).first, month_of(period.last).last)


def _condition(asked: Metric, wanted: Mapping[str, str]) -> str:
    rows = f" and {asked.where}" if asked.where else ""
    return f"{asked.period} >= $first and {asked.period} < $end{rows}{_filters(wanted)}"


def _filters(wanted: Mapping[str, str]) -> str:
    """Conditions on columns that are known; an empty value asks for what names none."""
    return "".join(
        f" and {quote(column)} is not distinct from nullif($of_{column}, '')" for column in wanted
    )


def _named(wanted: Mapping[str, str]) -> dict[str, str]:
    return {f"of_{column}": value for column, value in wanted.items()}


def _refuse_unknown(wanted: Mapping[str, str], known: Sequence[str]) -> None:
    if unknown := set(wanted) - set(known):
        raise OutlayError(f"calls cannot be asked by {min(unknown)!r}; by {', '.join(known)}")


def _computed(metric: Metric) -> Answer:
    return {
        "relation": metric.relation,
        "basis": metric.basis,
        "expression": metric.expression,
        "where": metric.where or None,
        "by": list(metric.dimensions),
        "sql": metric.model.read_text(encoding="utf-8"),
    }


def _table(rows: Rows) -> Answer:
    return {
        "columns": list(rows.columns),
        "rows": [list(row) for row in rows.rows],
        "is_cut": rows.is_cut,
    }
