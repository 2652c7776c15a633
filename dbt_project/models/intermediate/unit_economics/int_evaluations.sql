{#- Kept by day, so that a run knows which tasks a changed day had judged before. -#}
-- depends_on: {{ ref("int_tasks_to_rebuild") }}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="fail",
        pre_hook="{{ delete_changed_days(['task_outcomes']) }}",
    )
}}

with final as (

    select
        utc_day,
        source_name,
        task_id,
        judged_at,
        outcome,
        outcome_label,
        score,
        human_minutes,
        evaluator_type,
        evaluator_rank,
        task_type,
        tenant_id,
        feature,
        variant
    from {{ ref("int_evaluations_joined_to_tasks") }}

)

select * from final
