{#-
    Quotas of a minute, with the busiest hour of the four weeks before the newest forecast, its
    busiest minute, and which features it was of.
-#}
{{ config(materialized="table") }}

with made as (

    select max(made_on) as made_on from {{ ref("int_forecast_baselines") }}

),

quotas as (

    select
        limits.scope,
        unnest(limits.names) as member,
        limits.unit,
        limits.limit_quantity,
        limits.owner,
        limits.source,
        made.made_on
    from {{ ref("stg_workspace__limits") }} as limits
    inner join made
        on limits.valid_from < made.made_on + 1 and limits.valid_to > made.made_on
    where limits.period = 'minute'

),

hours as (

    select usage.*, {{ metered_hour("usage") }}
    from {{ ref("fct_usage_hourly") }} as usage
    inner join made on usage.utc_day > made.made_on - 28 and usage.utc_day <= made.made_on

),

used as (

    {{ quota_usage_select("quotas", "hours", ["utc_hour", "feature", "requests", "cached_hits"]) }}

),

busiest as (

    select scope, member, unit, utc_hour, sum(quantity) as quantity
    from used
    group by scope, member, unit, utc_hour
    qualify row_number() over (
        partition by scope, member, unit order by sum(quantity) desc, utc_hour asc
    ) = 1

),

calls as (

    select calls.*, {{ metered_call("calls") }}
    from {{ ref("fct_calls") }} as calls
    where calls.utc_day in (select cast(utc_hour as date) from busiest)

),

calls_used as (

    {{ quota_usage_select("quotas", "calls", ["started_at"]) }}

),

minutes as (

    select
        calls_used.scope,
        calls_used.member,
        calls_used.unit,
        date_trunc('minute', calls_used.started_at) as utc_minute,
        sum(calls_used.quantity) as quantity
    from calls_used
    inner join busiest {{ same_series("calls_used", "busiest") }}
        and busiest.utc_hour = date_trunc('hour', calls_used.started_at)
    group by
        calls_used.scope, calls_used.member, calls_used.unit,
        date_trunc('minute', calls_used.started_at)

),

peaks as (

    select scope, member, unit, max(quantity) as quantity
    from minutes
    group by scope, member, unit

),

cache_use as (

    {{ cache_use_select("used") }}

),

final as (

    select
        quotas.*,
        busiest.utc_hour as peak_hour,
        {{ as_count("peaks.quantity") }} as peak_minute_quantity,
        coalesce(used.feature, 'unattributed') as feature,
        {{ ratio("sum(used.quantity)", "any_value(busiest.quantity)") }} as feature_ratio,
        any_value(cache_use.hit_ratio) as hit_ratio,
        any_value(cache_use.best_ratio) as best_ratio
    from quotas
    inner join busiest {{ same_series("quotas", "busiest") }}
    inner join peaks {{ same_series("quotas", "peaks") }}
    inner join cache_use {{ same_series("quotas", "cache_use") }}
    inner join used {{ same_series("quotas", "used") }} and busiest.utc_hour = used.utc_hour
    where busiest.quantity > 0
    group by all

)

select * from final
