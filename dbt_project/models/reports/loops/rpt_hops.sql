{#-
    The billed hops of a task: which models and tools work on it, how often, for how much, and who
    answers for their number.
-#}
{{ config(materialized="view") }}

with costs as (

    select
        {{ month_of("closed_date") }} as month,
        task_type,
        feature,
        cost_kind,
        coalesce(model_id, tool_name) as hop,
        sum(tasks) as tasks,
        sum(successes) as successes,
        sum(calls) as calls,
        sum(cached_calls) as cached_calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(cache_writes) as cache_writes,
        sum(logged_bytes) as logged_bytes,
        sum(unlogged_calls) as unlogged_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_task_costs_daily") }}
    group by {{ month_of("closed_date") }}, task_type, feature, cost_kind, hop

),

counted as (

    select month, task_type, feature, tasks, successes
    from costs
    where cost_kind = 'task'

),

hops as (

    select
        costs.* exclude (tasks, successes, estimate_usd, logged_bytes),
        -- nothing is known of a hop without any price
        case when costs.unpriced_calls < costs.calls then costs.estimate_usd end as estimate_usd,
        case when costs.unlogged_calls < costs.calls then costs.logged_bytes end as logged_bytes,
        counted.tasks,
        counted.successes,
        sum(costs.estimate_usd) over (partition by costs.month, costs.task_type, costs.feature)
            as all_hops_usd,
        -- who answers for how often a hop is made
        case costs.cost_kind when 'tool' then 'tool_calls' else 'loops' end as driver
    from costs
    inner join counted
        on costs.month = counted.month
        and costs.task_type = counted.task_type
        and costs.feature = counted.feature
    where costs.cost_kind in ('model', 'tool')

),

final as (

    select
        hops.month,
        hops.task_type,
        hops.feature,
        hops.cost_kind as hop_kind,
        hops.hop,
        {{ as_count("hops.tasks") }} as tasks,
        {{ as_count("hops.successes") }} as successes,
        {{ as_count("hops.calls") }} as calls,
        {{ as_count("hops.cached_calls") }} as cached_calls,
        {{ as_count("hops.unpriced_calls") }} as unpriced_calls,
        {{ as_count("hops.cache_writes") }} as cache_writes,
        {{ as_count("hops.logged_bytes") }} as logged_bytes,
        {{ as_count("hops.unlogged_calls") }} as unlogged_calls,
        {{ ratio("hops.calls", "hops.tasks") }} as calls_per_task_ratio,
        {{ ratio("hops.calls - hops.cached_calls", "hops.successes") }}
            as billed_calls_per_success_ratio,
        {{ ratio("hops.cache_writes", "hops.tasks") }} as cache_writes_per_task_ratio,
        {{ ratio("hops.cache_writes", "hops.successes") }} as cache_writes_per_success_ratio,
        {{ ratio("hops.logged_bytes", "hops.tasks") }} as logged_bytes_per_task_ratio,
        {{ ratio("hops.logged_bytes", "hops.successes") }} as logged_bytes_per_success_ratio,
        cast(hops.estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ usd_per("hops.estimate_usd", "hops.tasks") }} as usd_per_task,
        {{ ratio("hops.estimate_usd", "hops.all_hops_usd") }} as share,
        {{ owner_name() }} as owner
    from hops
    {{ join_owners("hops.driver", "hops.feature") }}

)

select * from final
