"""The canonical tables that every source becomes, as data.

Column names follow two public standards: OpenTelemetry GenAI for calls and FOCUS 1.2 for bills,
both in snake_case. The landing code, the warehouse's `raw` schema, the docs and the tests all read
these definitions, so a column is described exactly once.

Units stand in the name: `_usd` is US dollars, `_tokens` a count of tokens, `_at` a UTC timestamp.
"""

from __future__ import annotations

from dataclasses import dataclass

MONEY = "DECIMAL(18,9)"
"""One call's money. Narrow, so that sums stay exact and fast (see DECISIONS.md, `Money types`)."""

BILL_MONEY = "DECIMAL(28,12)"
"""One bill line's money: bills state up to twelve decimals and are only ever added."""

QUANTITY = "DECIMAL(28,9)"
"""A billed or consumed quantity (tokens, requests, hours)."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes:
        name: snake_case name, the same in the lake, `raw` and the marts.
        type: DuckDB type.
        doc: meaning, with its unit.
        required: a row without it is quarantined.
        allowed: the values a text column may take; a row with another one is quarantined.
        non_negative: a row with a negative value is quarantined.
    """

    name: str
    type: str
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    non_negative: bool = False


@dataclass(frozen=True)
class Table:
    """A canonical table: its grain, the standard that names its columns, and its columns.

    Attributes:
        day_from: the timestamp column whose UTC date is the row's lake partition.
        key: columns that identify a row within its source, for the landing report only;
            de-duplication itself is a dbt rule.
    """

    name: str
    grain: str
    standard: str
    day_from: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in their declared order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


PROVENANCE: tuple[Column, ...] = (
    Column("source_name", "VARCHAR", "Inbox folder the row came from.", required=True),
    Column("source_file", "VARCHAR", "Path of the file below the inbox folder.", required=True),
    Column("source_line", "BIGINT", "Line (or record number) in that file, from 1.", required=True),
    Column("file_id", "BIGINT", "The file's number in ops.files.", required=True),
)
"""Columns that landing adds in front of every canonical row."""

ATTRIBUTION: tuple[Column, ...] = (
    Column("tenant_id", "VARCHAR", "Customer the work was done for."),
    Column("feature", "VARCHAR", "Product feature that made the call."),
    Column("task_type", "VARCHAR", "Kind of task, for example `support_ticket`."),
    Column("prompt_version", "VARCHAR", "Version of the prompt in use."),
    Column("user_id", "VARCHAR", "Pseudonym of the end user: salted hash, never the raw id."),
    Column("api_key_id", "VARCHAR", "Pseudonym of the key: salted hash, never the raw key."),
    Column("team", "VARCHAR", "Team that owns the caller."),
    Column("environment", "VARCHAR", "Deployment environment, for example `prod`."),
    Column(
        "traffic_class",
        "VARCHAR",
        "`live`, `shadow` or `test`; NULL means nobody said.",
        allowed=("live", "shadow", "test"),
    ),
    Column("experiment", "VARCHAR", "Experiment the call belongs to."),
    Column("variant", "VARCHAR", "Arm of that experiment."),
    Column("region", "VARCHAR", "Region that served the call."),
)

TOKEN_VECTOR: tuple[Column, ...] = tuple(
    Column(name, "BIGINT", doc, non_negative=True)
    for name, doc in (
        ("input_uncached_tokens", "Text input tokens neither read from nor written to a cache."),
        ("cache_read_tokens", "Input tokens read from the provider's prefix cache."),
        ("cache_write_5m_tokens", "Input tokens written to a 5-minute cache."),
        ("cache_write_1h_tokens", "Input tokens written to a 1-hour cache."),
        ("cache_write_other_tokens", "Input tokens written to a cache of unstated lifetime."),
        ("input_audio_tokens", "Uncached audio input tokens, not in input_uncached_tokens."),
        ("output_tokens", "Text output tokens, reasoning included."),
        ("reasoning_tokens", "Part of output_tokens spent on reasoning; never added to it."),
        ("output_audio_tokens", "Audio output tokens, not in output_tokens."),
    )
)
"""Disjoint, non-negative token classes; only `reasoning_tokens` is a part of another class."""

GATEWAY_CALLS = Table(
    name="gateway_calls",
    grain="one attempt of one billable operation, as one gateway record states it",
    standard="OpenTelemetry GenAI semantic conventions",
    day_from="started_at",
    columns=(
        Column("call_id", "VARCHAR", "Identifier of the attempt.", required=True),
        Column("request_id", "VARCHAR", "Caller's request; its retries and fallbacks share it."),
        Column("provider_response_id", "VARCHAR", "gen_ai.response.id, cache suffix removed."),
        Column("trace_id", "VARCHAR", "Trace the call belongs to."),
        Column("session_id", "VARCHAR", "gen_ai.conversation.id."),
        Column("task_id", "VARCHAR", "Unit of work whose outcome is judged."),
        Column("parent_call_id", "VARCHAR", "Call that caused this one."),
        Column(
            "operation",
            "VARCHAR",
            "gen_ai.operation.name of the call.",
            required=True,
            allowed=(
                "chat", "text_completion", "generate_content", "embeddings", "rerank",
                "retrieval", "execute_tool", "guardrail", "image_generation", "audio", "other",
            ),
        ),
        Column("started_at", "TIMESTAMP", "Start of the attempt, UTC.", required=True),
        Column("ended_at", "TIMESTAMP", "End of the attempt, UTC."),
        Column("first_token_at", "TIMESTAMP", "First streamed token, UTC; NULL when not streamed."),
        Column("provider", "VARCHAR", "gen_ai.provider.name, lower case."),
        Column("request_model", "VARCHAR", "Model or alias that was asked for."),
        Column("response_model", "VARCHAR", "Model that served the call, provider prefix removed."),
        Column("is_stream", "BOOLEAN", "True when the answer was streamed."),
        Column(
            "service_tier",
            "VARCHAR",
            "Price tier of the call.",
            required=True,
            allowed=("standard", "batch", "flex", "priority"),
        ),
        *TOKEN_VECTOR,
        Column(
            "reported_cost_usd",
            MONEY,
            "Cost the gateway states, USD; NULL when it could not price the call.",
            non_negative=True,
        ),
        Column(
            "reported_avoided_usd",
            MONEY,
            "Cost a gateway cache hit avoided, as the gateway states it, USD.",
            non_negative=True,
        ),
        Column("cached_hit", "BOOLEAN",
               "Answered by the gateway's own cache; NULL where there is none to ask."),
        Column(
            "cache_layer",
            "VARCHAR",
            "Which gateway cache answered; NULL when none did.",
            allowed=("exact", "semantic", "retrieval"),
        ),
        Column(
            "status",
            "VARCHAR",
            "`ok`, `error` (no usable answer) or `aborted` (the client left).",
            required=True,
            allowed=("ok", "error", "aborted"),
        ),
        Column("error_type", "VARCHAR", "Class of the error; never its message."),
        Column("http_status", "INTEGER", "HTTP status of the answer."),
        Column("is_usage_estimated", "BOOLEAN", "Tokens counted by the gateway, not the provider."),
        Column("attempted_retries", "INTEGER", "Retries before this attempt.", non_negative=True),
        Column("attempted_fallbacks", "INTEGER", "Fallbacks before it.", non_negative=True),
        *ATTRIBUTION,
    ),
)

BILLING_CHARGES = Table(
    name="billing_charges",
    grain="one line of a provider's bill or cost report, as one file states it",
    standard="FOCUS 1.2, `x_` for what FOCUS does not name",
    day_from="charge_period_start",
    columns=(
        Column(
            "x_restatement_key",
            "VARCHAR",
            "What a newer file replaces as a whole (a provider's day bucket, or one line).",
            required=True,
        ),
        Column("x_as_of", "TIMESTAMP", "When the provider answered, UTC; NULL when not stated."),
        Column("x_delivery", "VARCHAR",
               "Files delivered together share it and never replace each other; NULL: the file."),
        Column("x_scope", "VARCHAR",
               "Billing period that the delivery states whole: its newest delivery replaces every"
               " row of others, also on days that it has none for; NULL: none."),
        Column("x_record", "BIGINT",
               "Number of the record in its file; NULL where source_line is that number."),
        Column("provider_name", "VARCHAR", "Provider of the service, as its bill names it.",
               required=True),
        Column("x_provider", "VARCHAR", "The same provider under its gen_ai.provider.name."),
        Column("publisher_name", "VARCHAR", "Producer of the service."),
        Column("invoice_issuer_name", "VARCHAR", "Who sends the invoice."),
        Column("billing_account_id", "VARCHAR", "Account that is billed."),
        Column("billing_account_name", "VARCHAR", "Its name."),
        Column("sub_account_id", "VARCHAR", "Project, workspace or linked account."),
        Column("sub_account_name", "VARCHAR", "Its name."),
        Column("invoice_id", "VARCHAR", "Invoice; NULL until the provider issues it."),
        Column("billing_period_start", "TIMESTAMP", "Start of the invoice period, inclusive, UTC."),
        Column("billing_period_end", "TIMESTAMP", "End of the invoice period, exclusive, UTC."),
        Column("charge_period_start", "TIMESTAMP", "Start of the usage, inclusive, UTC.",
               required=True),
        Column("charge_period_end", "TIMESTAMP", "End of the usage, exclusive, UTC."),
        Column(
            "charge_category",
            "VARCHAR",
            "FOCUS ChargeCategory.",
            required=True,
            allowed=("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
        ),
        Column("charge_class", "VARCHAR", "`Correction`, or NULL.", allowed=("Correction",)),
        Column("charge_description", "VARCHAR", "The bill's own words."),
        Column("charge_frequency", "VARCHAR", "FOCUS ChargeFrequency.",
               allowed=("One-Time", "Recurring", "Usage-Based")),
        Column("billed_cost", BILL_MONEY, "What is invoiced, in billing_currency.", required=True),
        Column("effective_cost", BILL_MONEY, "Cost after amortising prepayments."),
        Column("list_cost", BILL_MONEY, "Cost at public list prices."),
        Column("contracted_cost", BILL_MONEY, "Cost at negotiated prices."),
        Column("billing_currency", "VARCHAR", "ISO 4217 code, upper case.", required=True),
        Column("consumed_quantity", QUANTITY, "Quantity used, in consumed_unit."),
        Column("consumed_unit", "VARCHAR", "Unit of consumed_quantity."),
        Column("pricing_quantity", QUANTITY, "Quantity priced, in pricing_unit."),
        Column("pricing_unit", "VARCHAR", "Unit of pricing_quantity, block size included."),
        Column("pricing_category", "VARCHAR", "FOCUS PricingCategory.",
               allowed=("Standard", "Dynamic", "Committed", "Other")),
        Column("list_unit_price", BILL_MONEY, "Public price of one pricing_unit."),
        Column("contracted_unit_price", BILL_MONEY, "Negotiated price of one pricing_unit."),
        Column("service_category", "VARCHAR", "FOCUS ServiceCategory."),
        Column("service_name", "VARCHAR", "Service that was used."),
        Column("region_id", "VARCHAR", "Region."),
        Column("resource_id", "VARCHAR", "Resource."),
        Column("resource_name", "VARCHAR", "Its name."),
        Column("sku_id", "VARCHAR", "SKU."),
        Column("sku_price_id", "VARCHAR", "SKU price."),
        Column("sku_price_details", "VARCHAR", "JSON object, as the bill states it."),
        Column("commitment_discount_id", "VARCHAR", "Commitment that covers the charge."),
        Column("commitment_discount_status", "VARCHAR", "`Used` or `Unused`.",
               allowed=("Used", "Unused")),
        Column("tags", "VARCHAR", "JSON object of tags."),
        Column("x_model", "VARCHAR", "Model, when the line names one."),
        Column(
            "x_token_class",
            "VARCHAR",
            "Token class the line bills; NULL for anything but tokens, or when not stated.",
            allowed=("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h",
                     "cache_write_other", "input_audio", "output", "output_audio", "input"),
        ),
        Column("x_service_tier", "VARCHAR", "Price tier, when the line states one.",
               allowed=("standard", "batch", "flex", "priority")),
        Column("x_cost_type", "VARCHAR", "What is billed: `tokens`, `web_search`, `tax` ..."),
        Column("x_line_item", "VARCHAR", "The line item text of the source, untouched."),
        Column("x_api_key_id", "VARCHAR", "Provider's id of the key (an id, never a secret)."),
    ),
)

BILLING_USAGE = Table(
    name="billing_usage",
    grain="one usage bucket with its dimensions, as one file states it",
    standard="the provider's own dimensions, our token vector",
    day_from="bucket_start",
    columns=(
        Column("x_restatement_key", "VARCHAR", "What a newer file replaces as a whole.",
               required=True),
        Column("x_as_of", "TIMESTAMP", "When the provider answered, UTC; NULL when not stated."),
        Column("x_provider", "VARCHAR", "gen_ai.provider.name.", required=True),
        Column("usage_type", "VARCHAR", "Endpoint: `completions`, `embeddings`, `messages` ...",
               required=True),
        Column("bucket_start", "TIMESTAMP", "Start of the bucket, inclusive, UTC.", required=True),
        Column("bucket_end", "TIMESTAMP", "End of the bucket, exclusive, UTC."),
        Column("model", "VARCHAR", "Model; NULL when the request did not group by it."),
        Column("service_tier", "VARCHAR", "Provider's own tier word."),
        Column("is_batch", "BOOLEAN", "True for the batch API; NULL when not stated."),
        Column("context_window", "VARCHAR", "Context band, when priced apart."),
        Column("sub_account_id", "VARCHAR", "Project or workspace."),
        Column("x_api_key_id", "VARCHAR", "Provider's id of the key (an id, never a secret)."),
        Column("x_user_id", "VARCHAR", "Provider's id of the user."),
        *TOKEN_VECTOR,
        Column("requests", "BIGINT", "Requests in the bucket; NULL when not reported.",
               non_negative=True),
        Column("quantity", QUANTITY, "Non-token quantity (images, seconds, searches)."),
        Column("quantity_unit", "VARCHAR", "Unit of quantity."),
    ),
)

TASK_OUTCOMES = Table(
    name="task_outcomes",
    grain="one judgement of one task, as one file states it",
    standard="OpenTelemetry gen_ai.evaluation",
    day_from="judged_at",
    columns=(
        Column("task_id", "VARCHAR", "Task that is judged.", required=True),
        Column("judged_at", "TIMESTAMP", "When the judgement was made, UTC.", required=True),
        Column(
            "outcome",
            "VARCHAR",
            "`success`, `failure`, `reopened` (takes an earlier success back) or `pending`.",
            required=True,
            allowed=("success", "failure", "reopened", "pending"),
        ),
        Column("outcome_label", "VARCHAR", "The source's own word, for example `escalated`."),
        Column(
            "evaluator_type",
            "VARCHAR",
            "Who judged: `business_system`, `human` or `model`.",
            required=True,
            allowed=("business_system", "human", "model"),
        ),
        Column("evaluator_name", "VARCHAR", "gen_ai.evaluation.name, or the system's name."),
        Column("score", "DECIMAL(18,9)", "gen_ai.evaluation.score.value."),
        Column("task_type", "VARCHAR", "Kind of task."),
        Column("tenant_id", "VARCHAR", "Customer the task was done for."),
        Column("feature", "VARCHAR", "Feature that did the task."),
        Column("variant", "VARCHAR", "Arm of an experiment."),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (GATEWAY_CALLS, BILLING_CHARGES, BILLING_USAGE, TASK_OUTCOMES)
}
"""All canonical tables by name."""
