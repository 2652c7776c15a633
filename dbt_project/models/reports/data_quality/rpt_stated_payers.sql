{#- Who stated whose calls are: themselves, a span above them, a rule, or nobody. -#}
with usage as (

    select *, {{ month_of("utc_day") }} as month from {{ ref("fct_key_usage_daily") }}

),

stated as (

    {% for dimension, column in {
        "feature": "feature_stated_by", "tenant": "tenant_stated_by",
    }.items() -%}
    select
        month,
        '{{ dimension }}' as dimension,
        {{ column }} as stated_by,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from usage
    group by month, {{ column }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    select
        month,
        dimension,
        stated_by,
        {{ as_count("calls") }} as calls,
        {{ as_count("unpriced_calls") }} as unpriced_calls,
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ ratio("estimate_usd", "sum(estimate_usd) over (partition by month, dimension)") }}
            as share_ratio
    from stated

)

select * from final
