{{ config(materialized="view") }}

with costs as (

    select * from {{ ref("fct_task_costs_daily") }}

),

summed as (

    select
        closed_date as day,
        task_type,
        feature,
        tenant_id,
        {{ as_count("coalesce(sum(tasks), 0)") }} as tasks_closed,
        {{ as_count("coalesce(sum(successes), 0)") }} as successes,
        {{ as_count("coalesce(sum(calls), 0)") }} as calls,
        {{ as_count("coalesce(sum(unpriced_calls), 0)") }} as unpriced_calls,
        -- what is unknown adds 0 to the mart: nothing known of anything is unknown
        case when coalesce(sum(calls), 0) > coalesce(sum(unpriced_calls), 0)
            then {{ sum_usd("estimate_usd") }} end as cost_usd
    from costs
    group by all

),

final as (

    select
        day,
        task_type,
        feature,
        tenant_id,
        tasks_closed,
        successes,
        calls,
        unpriced_calls,
        cost_usd,
        {{ usd_per("cost_usd", "successes") }} as cost_per_success_usd
    from summed

)

select * from final
