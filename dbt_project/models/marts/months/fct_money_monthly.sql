{#- A month's money and usage, by the UTC days of bills and calls. -#}
{{ config(materialized="table") }}

with spend as (

    select charge_month as month, sum(charge_usd) as charge_usd, max(utc_day) as last_billed_day
    from {{ ref("fct_charges_daily") }}
    group by charge_month

),

usage as (

    select
        {{ month_of("utc_day") }} as month,
        {{ as_count("sum(calls)") }} as calls,
        {{ as_count("sum(unpriced_calls)") }} as unpriced_calls,
        {{ as_count("sum(cache_hits)") }} as cache_hits,
        {{ as_count("sum(cache_lookups)") }} as cache_lookups,
        {{ as_count("sum(billable_cache_read_tokens)") }} as billable_cache_read_tokens,
        {{ as_count("sum(billable_input_tokens)") }} as billable_input_tokens,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("reported_usd") }} as reported_usd,
        {{ sum_usd("avoided_usd") }} as avoided_usd,
        min(utc_day) as first_call_day,
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

showback as (

    select
        month,
        sum(case when line <> 'usage' and feature is null then charge_usd else 0 end)
            as unallocated_usd,
        sum(case when line = 'usage' and feature is null then charge_usd else 0 end)
            as unattributed_usd
    from {{ ref("fct_showback") }}
    group by month

),

months as (

    select month from spend
    union
    select month from usage

),

final as (

    select
        months.month,
        cast(spend.charge_usd as decimal(28, 12)) as charge_usd,
        spend.last_billed_day,
        usage.first_call_day,
        usage.last_call_day,
        usage.calls,
        usage.unpriced_calls,
        usage.cache_hits,
        usage.cache_lookups,
        usage.billable_cache_read_tokens,
        usage.billable_input_tokens,
        usage.estimate_usd,
        usage.reported_usd,
        usage.avoided_usd,
        cast(tie_out.tie_out_charge_usd as decimal(28, 12)) as tie_out_charge_usd,
        cast(tie_out.tie_out_estimate_usd as decimal(28, 9)) as tie_out_estimate_usd,
        cast(showback.unallocated_usd as decimal(28, 12)) as unallocated_usd,
        cast(showback.unattributed_usd as decimal(28, 12)) as unattributed_usd
    from months
    left join spend on months.month = spend.month
    left join usage on months.month = usage.month
    left join tie_out on months.month = tie_out.month
    left join showback on months.month = showback.month

)

select * from final
