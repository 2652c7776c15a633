{#- What the newest forecast of 30 days is made of, as the four weeks before it were. -#}
{{ config(materialized="table") }}

with made as (

    select coalesce(max(made_on), date '1970-01-01') as made_on from {{ ref("fct_forecasts") }}

),

forecasts as (

    select * from {{ ref("fct_forecasts") }}
    where made_on = (select made_on from made) and period_grain = '30_days'

),

usage as (

    select * from {{ ref("fct_usage_daily") }}
    where utc_day > (select made_on - 28 from made) and utc_day <= (select made_on from made)

),

hours as (

    select * from {{ ref("fct_usage_hourly") }}
    where utc_day > (select made_on - 28 from made) and utc_day <= (select made_on from made)

),

outlook as (

    {{ price_outlook(ref("int_rate_cards"), "made") }}

),

keys as (

    select provider_name, model_id, min(price_key) as price_key
    from {{ ref("stg_prices__model_matches") }}
    where price_key is not null
    group by provider_name, model_id

),

outlooks as (

    select keys.provider_name, keys.model_id, outlook.*
    from keys
    inner join outlook on keys.price_key = outlook.price_key

),

priced as (

    select
        usage.feature,
        usage.tenant_id,
        usage.estimate_usd,
        case when usage.estimate_usd is not null then outlooks.next_price_on end as next_price_on,
        -- doubles add up in any order: what differs after the ninth decimal is the same
        cast(round(
            {%- for c in token_classes() %}
            coalesce(usage.{{ c }}_usd * (outlooks.{{ c }}_factor - 1), 0)
            {{- " +" if not loop.last }}
            {%- endfor %}, 9
        ) as decimal(28, 9)) as announced_usd
    from usage
    left join outlooks
        on usage.provider = outlooks.provider_name
        and usage.model_id = outlooks.model_id

),

spent as (

    {{ by_forecast_scope("priced", {
        "spent_usd": sum_usd("estimate_usd"),
        "announced_usd": sum_usd("announced_usd"),
        "next_price_on": "min(next_price_on)",
    }) }}

),

worked as (

    {{ by_forecast_scope("hours", {
        "tasks": "sum(tasks)",
        "calls": "sum(calls)",
        "tokens": "sum(billable_input_tokens + billable_output_tokens)",
    }) }}

),

final as (

    select
        forecasts.made_on,
        forecasts.scope,
        forecasts.member,
        forecasts.forecast_usd,
        cast(nullif(worked.tasks, 0)
            * {{ ratio("forecasts.forecast_usd", "spent.spent_usd") }} as decimal(18, 3)) as tasks,
        {{ ratio("worked.calls", "worked.tasks") }} as calls_per_task_ratio,
        {{ ratio("worked.tokens", "worked.calls") }} as tokens_per_call_ratio,
        {{ usd_per("spent.spent_usd * 1000000", "worked.tokens") }} as usd_per_mtok,
        cast(forecasts.forecast_usd * {{ ratio("spent.announced_usd", "spent.spent_usd") }}
            as decimal(28, 9)) as announced_usd,
        spent.next_price_on
    from forecasts
    left join spent
        on forecasts.scope = spent.scope
        and forecasts.member = spent.member
    left join worked
        on forecasts.scope = worked.scope
        and forecasts.member = worked.member

)

select * from final
