{#-
    Closed tasks by why another than the chosen model answered them, `none` among them, so that what
    a degraded answer is worth stands beside the others. Rule: DECISIONS.md, `fallback_reason`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_to_rebuild('closed_date') }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with calls as (

    select
        task_id,
        request_id,
        call_id,
        status,
        model_id,
        started_at,
        attempted_fallbacks,
        fallback_reason,
        coalesce(error_type, 'unstated') as error_type,
        estimate_usd
    from {{ ref("int_closed_task_calls") }}
    where is_model_turn and not cached_hit

),

failed as (

    select
        task_id,
        request_id,
        min(started_at) as started_at,
        arg_min(model_id, (started_at, call_id)) as model_id,
        arg_min(error_type, (started_at, call_id)) as error_type
    from calls
    where status = 'error'
    group by task_id, request_id

),

-- a log that states no fallback shows one: another model answers the request that one had failed
fallbacks as (

    select
        calls.task_id,
        calls.started_at,
        calls.estimate_usd,
        coalesce(calls.fallback_reason, failed.error_type, 'unstated') as fallback_reason
    from calls
    left join failed
        on calls.task_id = failed.task_id
        and calls.request_id = failed.request_id
        and calls.started_at > failed.started_at
    where calls.status <> 'error'
        and (
            calls.attempted_fallbacks > 0
            or calls.fallback_reason is not null
            or failed.model_id <> calls.model_id
        )

),

degraded as (

    select
        task_id,
        arg_min(fallback_reason, (started_at, fallback_reason)) as fallback_reason,
        count(*) as fallback_calls,
        sum(estimate_usd) as fallback_usd
    from fallbacks
    group by task_id

),

final as (

    select
        tasks.closed_date,
        coalesce(tasks.task_type, 'unattributed') as task_type,
        coalesce(tasks.feature, 'unattributed') as feature,
        coalesce(degraded.fallback_reason, 'none') as fallback_reason,
        {{ as_count("count(*)") }} as tasks,
        {{ as_count("count(*) filter (where tasks.status = 'success')") }} as successes,
        {{ as_count("count(*) filter (where tasks.status = 'neutral')") }}
            as judged_neutral_tasks,
        {{ as_count("coalesce(sum(degraded.fallback_calls), 0)") }} as fallback_calls,
        {{ sum_usd("case when degraded.task_id is null then 0 else degraded.fallback_usd end") }}
            as fallback_usd,
        {{ sum_usd("tasks.estimate_usd") }} as estimate_usd
    from {{ ref("fct_tasks") }} as tasks
    left join degraded on tasks.task_id = degraded.task_id
    where tasks.closed_date is not null and {{ only_days_to_rebuild() }}
    group by all

)

select * from final
