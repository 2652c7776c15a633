with cells as (

    select
        *,
        {{ month_of("day") }} as month,
        status in ('not_billed_yet', 'sends_no_bill', 'unpriced') as is_open
    from {{ ref("fct_tie_out") }}

),

summed as (

    select
        provider,
        month,
        cast(sum(case when not is_open then estimate_usd end) as decimal(28, 9)) as estimate_usd,
        cast(sum(case when not is_open then charge_usd end) as decimal(28, 12)) as charge_usd,
        cast(
            sum(case when not is_open then coalesce(charge_usd, 0) - coalesce(estimate_usd, 0) end)
            as decimal(28, 12)
        ) as gap_usd,
        bool_and(status = 'unpriced') as is_unpriced,
        bool_and(status = 'sends_no_bill') as is_without_bill,
        {{ as_count("count(distinct case when is_settled then day end)") }} as days_settled,
        {{ as_count("count(distinct case when not is_settled"
            ~ " and status <> 'sends_no_bill' then day end)") }} as days_open
    from cells
    group by provider, month

),

final as (

    select
        coalesce(provider, 'unknown') as provider,
        month,
        estimate_usd,
        charge_usd,
        gap_usd,
        {{ ratio("gap_usd", "estimate_usd") }} as gap_ratio,
        days_settled,
        days_open,
        case
            when is_unpriced then 'unpriced'
            when is_without_bill then 'sends_no_bill'
            when charge_usd is null and estimate_usd is null then 'not_billed_yet'
            when charge_usd is null then 'calls_only'
            when coalesce(estimate_usd, 0) = 0 then 'bill_only'
            when abs(gap_usd) <= estimate_usd
                * cast({{ var("tie_out_tolerance") }} as decimal(6, 4)) then 'tied'
            when gap_usd > 0 then 'over_billed'
            else 'under_billed'
        end as status
    from summed

)

select * from final
