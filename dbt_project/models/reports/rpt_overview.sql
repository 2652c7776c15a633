with spend as (

    select charge_month as month, sum(charge_usd) as charge_usd, max(utc_day) as last_billed_day
    from {{ ref("fct_charges_daily") }}
    group by charge_month

),

usage as (

    select
        {{ month_of("utc_day") }} as month,
        sum(estimate_usd) as estimate_usd,
        sum(reported_usd) as reported_usd,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(cache_hits) as cache_hits,
        sum(cache_lookups) as cache_lookups,
        sum(billable_cache_read_tokens) as billable_cache_read_tokens,
        sum(billable_input_tokens) as billable_input_tokens,
        sum(avoided_usd) as avoided_usd,
        max(utc_day) as last_call_day
    from {{ ref("fct_usage_daily") }}
    group by month

),

tie_out as (

    select
        {{ month_of("day") }} as month,
        sum(coalesce(charge_usd, 0)) as tie_out_charge_usd,
        sum(coalesce(estimate_usd, 0)) as tie_out_estimate_usd
    from {{ ref("fct_tie_out") }}
    where is_settled and status <> 'unpriced'
    group by month

),

allocations as (

    select
        charge_month as month,
        sum(charge_usd) as allocated_and_not_usd,
        sum(case when line <> 'usage' then charge_usd else 0 end) as unallocated_usd,
        sum(case when line = 'usage' and feature is null then charge_usd else 0 end)
            as unattributed_usd
    from {{ ref("fct_allocations") }}
    group by month

),

closed as (

    select
        period_start as month,
        tasks_closed,
        successes,
        success_ratio,
        cost_usd,
        cost_per_success_usd,
        waste_usd,
        waste_ratio,
        avg_loop_depth,
        p95_loop_depth
    from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'month' and dimension = 'all' and cost_basis = 'estimate'

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

    select month from spend
    union
    select month from usage
    union
    select month from closed

),

newest as (

    select max(utc_day) as as_of_day from {{ ref("fct_usage_daily") }}

),

joined as (

    select
        months.month,
        cast(months.month + interval 1 month - interval 1 day as date) as last_day,
        spend.* exclude (month),
        usage.* exclude (month),
        tie_out.* exclude (month),
        allocations.* exclude (month),
        closed.* exclude (month),
        open_tasks.* exclude (month),
        newest.as_of_day,
        max(spend.last_billed_day) over () as newest_billed_day
    from months
    cross join newest
    left join spend on months.month = spend.month
    left join usage on months.month = usage.month
    left join tie_out on months.month = tie_out.month
    left join allocations on months.month = allocations.month
    left join closed on months.month = closed.month
    left join open_tasks on months.month = open_tasks.month

),

measured as (

    select
        month,
        month as first_day,
        last_day,
        coalesce(last_day <= as_of_day and last_day <= newest_billed_day, false) as is_complete,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(reported_usd as decimal(28, 9)) as reported_usd,
        cast(tie_out_charge_usd as decimal(28, 12)) as tie_out_charge_usd,
        cast(tie_out_estimate_usd as decimal(28, 9)) as tie_out_estimate_usd,
        cast(tie_out_charge_usd - tie_out_estimate_usd as decimal(28, 12)) as tie_out_gap_usd,
        {{ ratio("tie_out_charge_usd - tie_out_estimate_usd", "tie_out_estimate_usd") }}
            as tie_out_gap_ratio,
        {{ as_count("coalesce(tasks_closed, 0)") }} as tasks_closed,
        {{ as_count("coalesce(successes, 0)") }} as successes,
        success_ratio,
        cost_usd,
        cost_per_success_usd,
        waste_usd,
        waste_ratio,
        {{ ratio("cache_hits", "cache_lookups") }} as gateway_cache_hit_ratio,
        {{ ratio("billable_cache_read_tokens", "billable_input_tokens") }}
            as provider_cache_hit_ratio,
        cast(avoided_usd as decimal(28, 9)) as avoided_usd,
        avg_loop_depth,
        p95_loop_depth,
        cast(unallocated_usd as decimal(28, 12)) as unallocated_usd,
        {{ ratio("unallocated_usd", "allocated_and_not_usd") }} as unallocated_ratio,
        cast(unattributed_usd as decimal(28, 12)) as unattributed_usd,
        {{ as_count("coalesce(unpriced_calls, 0)") }} as unpriced_calls,
        {{ ratio("unpriced_calls", "calls") }} as unpriced_ratio,
        {{ as_count("coalesce(pending_tasks, 0)") }} as pending_tasks,
        {{ as_count("coalesce(unknown_tasks, 0)") }} as unknown_tasks
    from joined

),

final as (

    select
        *,
        lag(cost_per_success_usd) over (order by month) as cost_per_success_previous_usd,
        {{ ratio("cost_per_success_usd - lag(cost_per_success_usd) over (order by month)",
            "lag(cost_per_success_usd) over (order by month)") }} as cost_per_success_change_ratio,
        lag(charge_usd) over (order by month) as charge_previous_usd,
        {{ ratio("charge_usd - lag(charge_usd) over (order by month)",
            "lag(charge_usd) over (order by month)") }} as charge_change_ratio
    from measured

)

select * from final
