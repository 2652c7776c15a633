{#- The sums of a commitment's life so far, and its pace over the newest 28 complete days. -#}
{{ config(materialized="view") }}

with days as (

    select
        days.*,
        terms.valid_to,
        terms.committed_usd,
        max(days.utc_day) filter (days.is_complete) over life as complete_until
    from {{ ref("fct_commitment_daily") }} as days
    left join {{ ref("int_commitment_terms") }} as terms
        on days.commitment = terms.commitment
        and days.valid_from is not distinct from terms.valid_from
    window life as (partition by days.commitment, days.valid_from)

),

final as (

    select
        commitment,
        valid_from,
        kind,
        any_value(valid_to) as valid_to,
        any_value(committed_usd) as committed_usd,
        max(provider) as provider,
        max(utc_day) as as_of_day,
        sum(billed_usd) as billed_usd,
        {{ sum_if_all_known("effective_usd") }} as effective_usd,
        {{ sum_if_all_known("used_usd") }} as used_usd,
        {{ sum_if_all_known("idle_usd") }} as idle_usd,
        {{ sum_if_all_known("on_demand_usd") }} as on_demand_usd,
        {{ sum_if_all_known("drawn_usd") }} as drawn_usd,
        -- what was given back whole was never there to be exhausted
        min(utc_day) filter (committed_usd > 0 and drawn_to_date_usd >= committed_usd)
            as exhausted_on,
        count(*) filter (utc_day > complete_until - 28 and is_complete) as pace_days,
        cast(sum(drawn_usd) filter (utc_day > complete_until - 28 and is_complete)
            as decimal(28, 12)) as pace_usd
    from days
    group by commitment, valid_from, kind

)

select * from final
