{#- A month of each commitment, its ratios made from the month's own sums. -#}
{{ config(materialized="table") }}

{%- set known = ["effective_usd", "bought_usd", "used_usd", "idle_usd", "drawn_usd"] %}

with months as (

    select
        {{ month_of("utc_day") }} as month,
        commitment,
        valid_from,
        kind,
        min(provider) as provider,
        sum(billed_usd) as billed_usd,
        {% for column in known -%}
        {{ sum_if_all_known(column) }} as {{ column }},
        {% endfor -%}
        {{ sum_if_all_known("on_demand_usd", "used_usd is distinct from 0") }} as on_demand_usd,
        coalesce(sum(uncovered_usd), 0) as uncovered_usd,
        sum(tokens) as tokens
    from {{ ref("fct_commitment_daily") }}
    group by {{ month_of("utc_day") }}, commitment, valid_from, kind

),

final as (

    select
        month,
        commitment,
        valid_from,
        kind,
        provider,
        cast(billed_usd as decimal(28, 12)) as billed_usd,
        effective_usd,
        bought_usd,
        used_usd,
        idle_usd,
        drawn_usd,
        on_demand_usd,
        cast(uncovered_usd as decimal(28, 12)) as uncovered_usd,
        {{ commitment_saving() }} as saving_usd,
        {{ as_count("tokens") }} as tokens,
        {{ ratio("used_usd", "bought_usd") }} as utilisation_ratio,
        {{ ratio("on_demand_usd", "on_demand_usd + uncovered_usd") }} as coverage_ratio,
        {{ ratio("used_usd", "on_demand_usd") }} as break_even_ratio,
        {{ usd_per("(used_usd + idle_usd) * 1000000", "tokens") }} as effective_usd_per_mtok,
        {{ usd_per("on_demand_usd * 1000000", "tokens") }} as on_demand_usd_per_mtok
    from months

)

select * from final
