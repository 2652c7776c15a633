"""Records of a call format as calls, and those that are none: added up by reason, never dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS, OMITTED_RECORDS
from ingest.contracts.columns import TOKEN_VECTOR
from ingest.contracts.validation import EARLIEST
from ingest.mapping.expression import Expression
from ingest.mapping.projection import canonical_select
from ingest.records.format import Staged
from ingest.sql import literal


def staged_calls(
    con: duckdb.DuckDBPyConnection,
    expressions: Mapping[str, Expression],
    relation: str,
    omitted: Mapping[str, str],
) -> Iterator[Staged]:
    """Yield the calls of a relation of records, and what of it is no call.

    Args:
        expressions: the columns of a call, over the relation.
        relation: SQL of the records, with the columns of `STAGING_COLUMNS`.
        omitted: predicate of the records that are no calls, by the reason.
    """
    is_omitted = f"coalesce({' or '.join(f'({test})' for test in omitted.values())}, false)"
    calls = f"(from {relation} where reject_reason is not null or not {is_omitted})"
    select = canonical_select(expressions, calls)
    yield Staged(GATEWAY_CALLS.name, f"({select})")
    if not con.execute(f"select 1 from {relation} where {is_omitted} limit 1").fetchall():
        return
    cases = " ".join(f"when {test} then {literal(reason)}" for reason, test in omitted.items())
    reason = {"reason": Expression(f"case {cases} end", "records")}
    records = f"(from {relation} where reject_reason is null and {is_omitted})"
    select = omitted_records(canonical_select({**expressions, **reason}, records), expressions)
    yield Staged(OMITTED_RECORDS.name, f"({select})")


def omitted_records(records: str, columns: Mapping[str, object]) -> str:
    """Select of `omitted_records`, given a select of records like calls with their reason.

    Args:
        columns: names of the columns that the records have.
    """

    def known(name: str) -> str:
        return name if name in columns else f"cast(null as {GATEWAY_CALLS.column(name).type})"

    counts = ", ".join(f"sum({known(column.name)}) as {column.name}" for column in TOKEN_VECTOR)
    return f"""
        select file_id, min(source_line) as source_line, null::varchar as reject_field,
            null::varchar as reject_reason, reason, min(began) as started_at,
            {known("provider")} as provider,
            coalesce({known("response_model")}, {known("request_model")}) as model,
            {known("service_tier")} as service_tier, {known("session_id")} as session_id,
            count(*) as records, {counts},
            sum({known("reported_cost_usd")}) as reported_cost_usd,
            sum({known("reported_cost")}) as reported_cost,
            upper({known("reported_currency")}) as reported_currency
        from (
            -- a record without a time lies with the others of its file
            select *, coalesce(started_at, min(started_at) over (partition by file_id),
                timestamp '{EARLIEST}') as began
            from ({records})
        )
        group by file_id, reason, cast(began as date), provider, model, service_tier, session_id,
            upper({known("reported_currency")})
    """
