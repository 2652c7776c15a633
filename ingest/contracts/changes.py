"""`change_events`: what was changed in and around a product that calls models, and when."""

from __future__ import annotations

from ingest.contracts.columns import Column, Table

KINDS = (
    "deploy", "flag", "prompt_version", "routing_rule", "price", "tool_schema", "publish",
    "calendar", "incident",
)  # fmt: skip
"""A release; a feature flag; a prompt; which model answers what; what a provider asks for; what
tools a model is shown; content that answers rest on; a day of the calendar; trouble."""

CHANGE_EVENTS = Table(
    name="change_events",
    grain="one change, as one file states it",
    standard="OpenTelemetry deployment and feature_flag, CloudEvents id and time",
    day_from="occurred_at",
    is_daily=False,
    columns=(
        Column("event_id", "VARCHAR", "Identifier of the change at its source.", required=True),
        Column("occurred_at", "TIMESTAMP", "When it took effect, UTC.", required=True),
        Column("ended_at", "TIMESTAMP", "When it was over, UTC; NULL of what stays."),
        Column(
            "change_kind",
            "VARCHAR",
            f"What was changed: {', '.join(f'`{kind}`' for kind in KINDS)}.",
            required=True,
            allowed=KINDS,
        ),
        Column("name", "VARCHAR", "What it is called: a service, a flag, a prompt, a page."),
        Column("version", "VARCHAR", "Its version from then on."),
        Column("source_version", "VARCHAR", "Version of the content that was published."),
        Column("feature", "VARCHAR", "Feature that it touches; NULL: any."),
        Column("tenant_id", "VARCHAR", "Customer that it touches; NULL: any."),
        Column("region", "VARCHAR", "Region that it touches; NULL: any."),
        Column("environment", "VARCHAR", "Deployment environment, for example `prod`."),
    ),
)
