{#- Calls of the tasks that closed on the days of this run, each with its task's attribution. -#}
{{ config(materialized="ephemeral") }}

with tasks as (

    select
        task_id,
        closed_date,
        started_at as task_started_at,
        coalesce(task_type, 'unattributed') as task_type,
        coalesce(feature, 'unattributed') as feature,
        coalesce(tenant_id, 'unattributed') as tenant_id,
        coalesce(prompt_version, 'unattributed') as prompt_version,
        team_tag,
        first_call_day,
        last_call_day
    from {{ ref("fct_tasks") }}
    where closed_date in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})

),

-- each span of days is unfolded once: of all other days no call is read
spans as (

    select distinct first_call_day, last_call_day from tasks where first_call_day is not null

),

days as (

    select distinct cast(
        unnest(generate_series(first_call_day, last_call_day, interval 1 day)) as date
    ) as utc_day
    from spans

),

final as (

    select
        tasks.closed_date,
        tasks.task_started_at,
        tasks.task_type,
        tasks.feature,
        tasks.tenant_id,
        tasks.prompt_version,
        tasks.team_tag,
        {{ is_tool_call("calls.operation") }} as is_tool,
        not calls.cached_hit and not calls.is_unpriced as is_priced,
        {{ token_classes() | join("_usd + ") }}_usd as tokens_usd,
        calls.* exclude (task_type, feature, tenant_id, prompt_version, team_tag)
    from {{ ref("fct_calls") }} as calls
    inner join tasks on calls.task_id = tasks.task_id
    where calls.utc_day in (select utc_day from days)
        -- what judges a task, or mirrors it, stands beside it
        and calls.cost_scope = 'product'

)

select * from final
