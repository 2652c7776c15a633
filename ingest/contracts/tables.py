"""The canonical tables that every source becomes, as data.

Column names follow two public standards: OpenTelemetry GenAI for calls and FOCUS 1.2 for bills,
both in snake_case. The landing code, the warehouse's `raw` schema, the docs and the tests all read
these definitions, so a column is described exactly once.

Units stand in the name: `_usd` is US dollars, `_tokens` a count of tokens, `_at` a UTC timestamp.
"""

from __future__ import annotations

from ingest.contracts.bills import BILLING_CHARGES, BILLING_USAGE
from ingest.contracts.calls import GATEWAY_CALLS, OMITTED_RECORDS, TRACE_SPANS
from ingest.contracts.changes import CHANGE_EVENTS
from ingest.contracts.columns import Table
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.contracts.queues import QUEUE_SAMPLES

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        GATEWAY_CALLS,
        TRACE_SPANS,
        OMITTED_RECORDS,
        BILLING_CHARGES,
        BILLING_USAGE,
        TASK_OUTCOMES,
        CHANGE_EVENTS,
        QUEUE_SAMPLES,
    )
}
"""All canonical tables by name."""
