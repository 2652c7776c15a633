"""`queue_samples`: how long calls wait before they are made, and what is turned away."""

from __future__ import annotations

from ingest.contracts.columns import Column, Table

LEVEL = "DECIMAL(18,3)"
"""A level at a moment: mostly whole, of some exporters an average since the sample before."""

LEVELS = ("queue_depth", "in_flight", "concurrency_limit", "oldest_wait_seconds")
"""Columns that state how things stood when the sample was taken."""

COUNTS = ("shed", "rejected", "timed_out")
"""Columns that count what happened since the sample before, or since the process began."""

QUEUE_SAMPLES = Table(
    name="queue_samples",
    grain="one sample of one instance of one queue or worker pool, as one record states it",
    standard="OpenTelemetry metrics: messaging, http.server, db.client.connection",
    day_from="sampled_at",
    columns=(
        Column("queue_name", "VARCHAR", "Queue, worker pool or limiter.", required=True),
        Column("instance_id", "VARCHAR", "service.instance.id: each has a part of the queue."),
        Column("sampled_at", "TIMESTAMP", "When the sample was taken, UTC.", required=True),
        Column("queue_depth", LEVEL, "Requests that wait.", non_negative=True),
        Column("in_flight", LEVEL, "Requests that are worked on.", non_negative=True),
        Column("concurrency_limit", LEVEL, "Most that may be worked on.", non_negative=True),
        Column("oldest_wait_seconds", LEVEL, "How long the oldest has waited.", non_negative=True),
        Column("shed", "BIGINT", "Requests dropped to relieve the queue.", non_negative=True),
        Column("rejected", "BIGINT", "Requests not let in: full, over a limit.", non_negative=True),
        Column("timed_out", "BIGINT", "Requests that waited too long.", non_negative=True),
        Column(
            "is_running_total",
            "BOOLEAN",
            "True: the three counts are totals since the process began; else they are of the time"
            " since the sample before.",
        ),
        Column("feature", "VARCHAR", "Feature whose requests wait; NULL: any."),
        Column("tenant_id", "VARCHAR", "Customer whose requests wait; NULL: any."),
        Column("region", "VARCHAR", "Region of the queue."),
        Column("environment", "VARCHAR", "Deployment environment, for example `prod`."),
    ),
)
