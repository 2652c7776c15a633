{#-
    Whether the newest months are ready for hard chargeback, criterion by criterion. Definition:
    DECISIONS.md, `passed`.
-#}
{{ config(materialized="view") }}

with money as (

    select * from {{ ref("fct_money_monthly") }}

),

untagged as (

    select month, dimension, sum(estimate_usd) as usd
    from {{ ref("fct_untagged_monthly") }}
    group by month, dimension

),

worst_untagged as (

    select month, max(usd) as usd from untagged group by month

),

charged as (

    select
        month,
        sum(charge_usd) as total_usd,
        sum(case when cost_centre is null then charge_usd else 0 end) as nobodys_usd
    from {{ ref("fct_chargeback") }}
    group by month

),

newest_bill as (

    select {{ month_of("max(last_billed_day)") }} as month from money

),

closed as (

    select month from {{ ref("fct_closes") }} where is_current group by month

),

-- a month is over when it is billed to its last day, or a later one is billed
measured as (

    select
        money.month,
        row_number() over (order by money.month desc) as nth_newest,
        1 - {{ ratio("coalesce(worst_untagged.usd, 0)", "money.estimate_usd") }} as tagged_ratio,
        {{ ratio("charged.nobodys_usd", "charged.total_usd") }} as unallocated_ratio,
        {{ ratio(
            "abs(money.tie_out_charge_usd - money.tie_out_estimate_usd)",
            "greatest(abs(money.tie_out_charge_usd), abs(money.tie_out_estimate_usd))"
        ) }} as gap_ratio,
        closed.month is not null as is_closed
    from money
    left join worst_untagged on money.month = worst_untagged.month
    left join charged on money.month = charged.month
    left join closed on money.month = closed.month
    cross join newest_bill
    where money.last_billed_day = last_day(money.month)
        or money.month < newest_bill.month

),

{{ readiness_steps() }}

final as (

    select
        criterion,
        month,
        cast(value as decimal(18, 6)) as value,
        cast(threshold as decimal(18, 6)) as threshold,
        coalesce(case when is_at_most then value <= threshold else value >= threshold end, false)
            as passed,
        detail,
        cure
    from criteria

)

select * from final
