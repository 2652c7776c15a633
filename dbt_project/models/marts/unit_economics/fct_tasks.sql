{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rows_to_rebuild('task_id', ref('int_tasks_to_rebuild')) }}",
    )
}}

with tasks as (

    select * from {{ ref("int_task_calls") }}

),

verdicts as (

    select * from {{ ref("int_task_verdicts") }}
    where task_id in (select task_id from {{ ref("int_tasks_to_rebuild") }})

),

superseded as (

    select * from {{ ref("int_task_superseded") }}

),

run as (

    select * from {{ ref("stg_lake__run_context") }}

),

final as (

    select
        tasks.task_id,
        coalesce(tasks.task_type, verdicts.task_type) as task_type,
        coalesce(tasks.tenant_id, verdicts.tenant_id) as tenant_id,
        coalesce(tasks.feature, verdicts.feature) as feature,
        tasks.team_tag,
        tasks.experiment,
        coalesce(tasks.variant, verdicts.variant) as variant,
        tasks.prompt_version,
        tasks.models_used,
        tasks.api_key_id,
        case
            when tasks.calls = 0 and tasks.is_only_judged then 'evaluation_only'
            when tasks.calls = 0 then 'outside_product'
            when verdicts.verdict is not null then verdicts.verdict
            when tasks.last_call_day < run.as_of_day - {{ var("outcome_window_days") }}
                then 'unknown'
            else 'pending'
        end as status,
        verdicts.outcome_label,
        verdicts.evaluator_type,
        coalesce(verdicts.evaluations, 0) as evaluations,
        tasks.started_at,
        tasks.last_call_at,
        case when tasks.calls = 0 then null else verdicts.closed_at end as closed_at,
        case when tasks.calls = 0 then null else {{ reporting_date("verdicts.closed_at") }} end
            as closed_date,
        {% for column in [
            "taken_back_at", "reversed_at", "is_below_floor", "human_minutes", "human_usd",
            "value_usd", "baseline_usd",
        ] -%}
        case when tasks.calls = 0 then null else verdicts.{{ column }} end as {{ column }},
        {% endfor -%}
        case when tasks.calls = 0 then null else {{ reporting_date("verdicts.reversed_at") }} end
            as reversed_date,
        tasks.is_abandoned,
        tasks.first_call_day,
        tasks.last_call_day,
        tasks.calls,
        tasks.model_calls,
        tasks.model_milliseconds,
        tasks.error_calls,
        tasks.aborted_calls,
        tasks.loop_depth,
        tasks.cache_lookups,
        tasks.cache_hits,
        tasks.billable_input_tokens,
        tasks.billable_cache_read_tokens,
        tasks.small_model_calls,
        tasks.mid_model_calls,
        tasks.large_model_calls,
        tasks.estimate_usd,
        tasks.reported_usd,
        tasks.failed_attempts_estimate_usd,
        tasks.failed_attempts_reported_usd,
        tasks.aborted_estimate_usd,
        tasks.aborted_reported_usd,
        tasks.duplicate_estimate_usd,
        tasks.duplicate_reported_usd,
        superseded.superseded_estimate_usd,
        superseded.superseded_reported_usd,
        tasks.avoided_usd,
        tasks.cache_saving_usd,
        tasks.unpriced_calls,
        tasks.unreported_calls,
        tasks.evaluation_calls,
        tasks.evaluation_estimate_usd,
        tasks.evaluation_reported_usd,
        tasks.unpriced_evaluation_calls,
        tasks.unreported_evaluation_calls
    from tasks
    cross join run
    left join verdicts on tasks.task_id = verdicts.task_id
    left join superseded on tasks.task_id = superseded.task_id

)

select *, {{ former_names({"evaluations": "judgements"}) }} from final
