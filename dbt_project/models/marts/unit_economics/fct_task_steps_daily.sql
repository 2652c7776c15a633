{#- Closed tasks by the step at which they ended, and what each step cost: what a cap would do. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_to_rebuild('closed_date') }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with ended as (

    select
        closed_date,
        coalesce(task_type, 'unattributed') as task_type,
        coalesce(feature, 'unattributed') as feature,
        coalesce(tenant_id, 'unattributed') as tenant_id,
        {{ hour_of_week("started_at") }} as started_hour,
        coalesce(loop_depth, 0) as step,
        count(*) as tasks_ended,
        count(*) filter (where status = 'success') as successes_ended
    from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_days_to_rebuild() }}
    group by all

),

calls as (

    select
        *,
        -- a request is a step when a model answered it; its first attempt begins the step
        is_model_turn
        and bool_or(is_model_turn and status = 'ok') over (partition by task_id, request_id)
        and row_number() over (
            partition by task_id, request_id, is_model_turn
            order by started_at, source_name, call_id
        ) = 1 as begins_step,
        -- all that the answer before was given and said; samples of one question carry nothing
        case when is_model_turn and status = 'ok' and sample_group is null then
            lag(input_tokens + coalesce(output_tokens, 0)) over (
                partition by task_id, is_model_turn and status = 'ok'
                order by started_at, source_name, call_id
            )
        end as tokens_before
    from {{ ref("int_closed_task_calls") }}

),

stepped as (

    select
        *,
        -- a tool belongs to the step that asked for it
        count(*) filter (where begins_step) over (
            partition by task_id
            order by started_at, source_name, call_id
            rows between unbounded preceding and current row
        ) as step
    from calls

),

spent as (

    select
        closed_date,
        task_type,
        feature,
        tenant_id,
        {{ hour_of_week("task_started_at") }} as started_hour,
        step,
        count(*) as calls,
        sum(input_tokens) filter (where is_priced and is_model_turn) as input_tokens,
        sum(least(input_tokens, tokens_before))
            filter (where is_priced and tokens_before is not null) as repeated_tokens,
        sum(input_tokens) filter (
            where is_priced and is_model_turn and history_tokens is not null
        ) as history_stated_tokens,
        sum(history_tokens) filter (where is_priced and is_model_turn) as history_tokens,
        sum(estimate_usd) as estimate_usd,
        count(*) filter (where is_unpriced) as unpriced_calls
    from stepped
    group by all

),

parts as (

    select * from ended
    union all by name
    select * from spent

),

final as (

    select
        closed_date,
        task_type,
        feature,
        tenant_id,
        {{ as_count("started_hour") }} as started_hour,
        {{ as_count("step") }} as step,
        {% for column in [
            "tasks_ended", "successes_ended", "calls", "unpriced_calls", "input_tokens",
            "repeated_tokens", "history_stated_tokens", "history_tokens",
        ] -%}
        {{ as_count("coalesce(sum(" ~ column ~ "), 0)") }} as {{ column }},
        {% endfor -%}
        {{ sum_usd("coalesce(estimate_usd, 0)") }} as estimate_usd
    from parts
    group by closed_date, task_type, feature, tenant_id, started_hour, step

)

select * from final
