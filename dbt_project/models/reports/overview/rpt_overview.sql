with money as (

    select * from {{ ref("fct_money_monthly") }}

),

closed as (

    select * from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'month' and dimension = 'all' and cost_basis = 'estimate'

),

billed as (

    {{ task_charges_by("closed_month") }}

),

-- what stands in for bills that have not come
awaited as (

    select charge_month as month, sum(charge_usd) as charge_usd, sum(unbilled_usd) as unbilled_usd
    from {{ ref("fct_task_charges") }} group by charge_month

),

open_tasks as (

    select
        {{ month_of("last_call_day") }} as month,
        count(*) filter (where status = 'pending') as pending_tasks,
        count(*) filter (where status = 'unknown') as unknown_tasks
    from {{ ref("fct_tasks") }}
    where closed_date is null
    group by month

),

months as (

    select month from money
    union
    select period_start as month from closed

),

measured as (

    select
        months.month, months.month as first_day,
        cast(months.month + interval 1 month - interval 1 day as date) as last_day,
        coalesce(
            months.month >= min(money.first_call_day) over ()
            and last_day <= max(money.last_call_day) over ()
            and last_day <= max(money.last_billed_day) over (),
            false
        ) as is_complete,
        money.charge_usd,
        money.estimate_usd,
        money.reported_usd,
        money.tie_out_charge_usd,
        money.tie_out_estimate_usd,
        cast(money.tie_out_charge_usd - money.tie_out_estimate_usd as decimal(28, 12))
            as tie_out_gap_usd,
        {{ ratio("money.tie_out_charge_usd - money.tie_out_estimate_usd",
            "money.tie_out_estimate_usd") }} as tie_out_gap_ratio,
        {{ as_count("coalesce(closed.tasks_closed, 0)") }} as tasks_closed,
        {{ as_count("coalesce(closed.successes, 0)") }} as successes,
        closed.success_ratio,
        closed.cost_usd,
        closed.cost_per_success_usd,
        {{ usd_per("billed.charge_usd + billed.unbilled_usd", "closed.successes") }}
            as billed_cost_per_success_usd,
        closed.waste_usd,
        closed.waste_ratio,
        {{ as_count("coalesce(closed.evaluation_calls, 0)") }} as evaluation_calls,
        closed.evaluation_usd,
        {{ ratio("money.cache_hits", "money.cache_lookups") }} as gateway_cache_hit_ratio,
        {{ ratio("money.billable_cache_read_tokens", "money.billable_input_tokens") }}
            as provider_cache_hit_ratio,
        money.avoided_usd,
        closed.avg_loop_depth,
        closed.p95_loop_depth,
        money.unallocated_usd,
        {{ ratio("money.unallocated_usd", "money.charge_usd") }} as unallocated_ratio,
        money.unattributed_usd,
        {{ as_count("coalesce(money.unpriced_calls, 0)") }} as unpriced_calls,
        {{ ratio("money.unpriced_calls", "money.calls") }} as unpriced_ratio,
        {{ ratio("money.unattributed_usd", "money.charge_usd") }} as unattributed_ratio,
        {{ ratio("awaited.unbilled_usd", "awaited.charge_usd + awaited.unbilled_usd") }}
            as estimated_ratio,
        money.last_call_day, money.last_billed_day,
        {{ as_count("coalesce(open_tasks.pending_tasks, 0)") }} as pending_tasks,
        {{ as_count("coalesce(open_tasks.unknown_tasks, 0)") }} as unknown_tasks
    from months
    left join money on months.month = money.month
    left join closed on months.month = closed.period_start
    left join billed on months.month = billed.month and billed.dimension = 'all'
    left join awaited on months.month = awaited.month
    left join open_tasks on months.month = open_tasks.month

),

final as (

    select
        *,
        lag(cost_per_success_usd) over by_month as cost_per_success_previous_usd,
        {{ ratio("cost_per_success_usd - lag(cost_per_success_usd) over by_month",
            "lag(cost_per_success_usd) over by_month") }} as cost_per_success_change_ratio,
        lag(charge_usd) over by_month as charge_previous_usd,
        {{ ratio("charge_usd - lag(charge_usd) over by_month",
            "lag(charge_usd) over by_month") }} as charge_change_ratio
    from measured
    window by_month as (order by month)

)

select * from final
