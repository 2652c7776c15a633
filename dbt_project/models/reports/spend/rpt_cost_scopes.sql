{#- What calls outside the product cost, beside the product's own. -#}
{{ config(materialized="view") }}

with usage as (

    select
        {{ month_of("call_date") }} as month,
        coalesce(feature, 'unattributed') as feature,
        cost_scope,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_usage_daily") }}
    group by all

),

final as (

    select
        month,
        feature,
        cost_scope,
        {{ as_count("calls") }} as calls,
        {{ as_count("unpriced_calls") }} as unpriced_calls,
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ ratio("estimate_usd", "sum(estimate_usd) over (partition by month, feature)") }}
            as share
    from usage

)

select * from final
