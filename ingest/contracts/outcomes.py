"""`task_outcomes`: names of OpenTelemetry evaluations."""

from __future__ import annotations

from ingest.contracts.columns import Column, Table

TASK_OUTCOMES = Table(
    name="task_outcomes",
    grain="one evaluation of one task, as one file states it",
    standard="OpenTelemetry gen_ai.evaluation",
    day_from="judged_at",
    columns=(
        Column(
            "task_id",
            "VARCHAR",
            "Task that is judged; of a record that names none its trace, session or answer.",
            required=True,
        ),
        Column(
            "trace_id",
            "VARCHAR",
            "Trace whose task is judged; NULL when the record names the task itself.",
        ),
        Column("span_id", "VARCHAR", "Trace and span whose task is judged, `/` between."),
        Column(
            "provider_response_id",
            "VARCHAR",
            "Answer whose call's task is judged; NULL when the record says more.",
        ),
        Column("judged_at", "TIMESTAMP", "When the evaluation was made, UTC.", required=True),
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
        Column(
            "human_minutes",
            "DECIMAL(18,9)",
            "Minutes of people's work on the task that the evaluation states.",
            non_negative=True,
        ),
        Column("task_type", "VARCHAR", "Kind of task."),
        Column("tenant_id", "VARCHAR", "Customer the task was done for."),
        Column("feature", "VARCHAR", "Feature that did the task."),
        Column("variant", "VARCHAR", "Arm of an experiment."),
    ),
)
