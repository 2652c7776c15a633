{#-
    Whether each quota holds at the peaks that are forecast: of every planned event, and of the days
    without one. Definition: DECISIONS.md, `missing_per_minute`.
-#}
{{ config(materialized="table") }}

with peaks as (

    select * from {{ ref("int_quota_peaks") }}

),

quotas as (

    select
        scope, member, unit, made_on, peak_hour, peak_minute_quantity, hit_ratio, best_ratio,
        owner, source
    from peaks
    group by all

),

forecasts as (

    select forecasts.*
    from {{ ref("fct_forecasts") }} as forecasts
    where forecasts.period_grain = 'day' and forecasts.scope in ('feature', 'company')
        and forecasts.made_on = (select max(made_on) from peaks)

),

hours as (

    select * from {{ ref("fct_usage_hourly") }}
    where utc_day in (select cast(peak_hour as date) from peaks)

),

spent as (

    {{ by_forecast_scope("hours", {"utc_day": "utc_day", "usd": sum_usd("estimate_usd")}) }}

),

-- a feature that is not forecast grows as the company does
growth as (

    select
        spent.scope,
        spent.member,
        spent.utc_day as peak_day,
        forecasts.period_start as utc_day,
        {{ ratio("forecasts.forecast_usd", "spent.usd") }} as ratio
    from forecasts
    inner join spent on forecasts.scope = spent.scope and forecasts.member = spent.member

),

expected as (

    select
        peaks.scope,
        peaks.member,
        peaks.unit,
        company.utc_day,
        any_value(peaks.peak_minute_quantity)
            * sum(peaks.feature_ratio * coalesce(own.ratio, company.ratio)) as per_minute,
        any_value(peaks.limit_quantity) as limit_quantity,
        list(peaks.feature) as features
    from peaks
    inner join growth as company
        on company.scope = 'company' and company.peak_day = cast(peaks.peak_hour as date)
    left join growth as own
        on peaks.feature = own.member
        and own.scope = 'feature'
        and company.peak_day = own.peak_day
        and company.utc_day = own.utc_day
    group by peaks.scope, peaks.member, peaks.unit, company.utc_day

),

{{ peak_plan_steps() }}

final as (

    select
        quotas.made_on,
        worst.scope,
        worst.member,
        worst.unit,
        worst.event,
        worst.starts_on,
        worst.ends_on,
        worst.utc_day as peak_on,
        quotas.peak_hour,
        quotas.peak_minute_quantity as usual_per_minute,
        cast(worst.per_minute as decimal(18, 3)) as expected_per_minute,
        {{ as_count("worst.limit_quantity") }} as quota_per_minute,
        {{ ratio("worst.per_minute", "worst.limit_quantity") }} as used_ratio,
        cast(greatest(worst.per_minute - worst.limit_quantity, 0) as decimal(18, 3))
            as missing_per_minute,
        -- as if the gateway's cache answered all day as on its best day
        cast(worst.per_minute * {{ ratio(
            "quotas.best_ratio - quotas.hit_ratio", "1 - quotas.hit_ratio"
        ) }} as decimal(18, 3)) as cache_per_minute,
        cast(worst.spare_per_minute as decimal(18, 3)) as router_per_minute,
        quotas.owner,
        quotas.source
    from worst
    inner join quotas {{ same_series("worst", "quotas") }}

)

select * from final
