{#- What was computed, what was billed, and the gap by cause: a month, by provider and in total. -#}
with tied as (

    select
        {{ month_of("day") }} as month,
        provider,
        sum(estimate_usd) as estimate_usd,
        sum(charge_usd) as charge_usd,
        {% for cause in gap_causes() if cause != "other_charges" -%}
        sum({{ cause }}_usd) as {{ cause }}_usd,
        {% endfor -%}
        sum(lag_usd) as lag_usd,
        sum(no_bill_usd) as no_bill_usd,
        0 as other_charges_usd
    from {{ ref("fct_tie_out") }}
    group by month, provider

),

others as (

    select
        month,
        provider,
        null as estimate_usd,
        sum(charge_usd) as charge_usd,
        {% for cause in gap_causes() if cause != "other_charges" -%}
        sum({{ cause }}_usd) as {{ cause }}_usd,
        {% endfor -%}
        0 as lag_usd,
        0 as no_bill_usd,
        sum(other_charges_usd) as other_charges_usd
    from {{ ref("fct_tie_out_cells") }}
    where not is_compared
    group by month, provider

),

stacked as (

    select * from tied
    union all
    select * from others

),

summed as (

    select
        month,
        case when grouping(provider) = 1 then 'total' else 'provider' end as row_kind,
        case when grouping(provider) = 0 then coalesce(provider, 'unknown') end as provider,
        cast(sum(estimate_usd) as decimal(28, 9)) as estimate_usd,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd,
        cast(coalesce(sum(charge_usd), 0) - coalesce(sum(estimate_usd), 0) as decimal(28, 12))
            as gap_usd,
        {% for cause in gap_causes() + ["lag", "no_bill"] -%}
        cast(sum({{ cause }}_usd) as decimal(28, 12)) as {{ cause }}_usd{{ "," if not loop.last }}
        {% endfor %}
    from stacked
    group by grouping sets ((month, provider), (month))

),

final as (

    select
        *,
        {{ ratio("gap_usd", "estimate_usd") }} as gap_ratio,
        1 - {{ ratio("abs(unexplained_usd)", "charge_usd") }} as explained_ratio
    from summed

)

select
    month,
    row_kind,
    provider,
    estimate_usd,
    charge_usd,
    gap_usd,
    gap_ratio,
    {% for cause in gap_causes() + ["lag", "no_bill"] -%}
    {{ cause }}_usd,
    {% endfor -%}
    explained_ratio,
    {{ former_gap_causes() }}
from final
