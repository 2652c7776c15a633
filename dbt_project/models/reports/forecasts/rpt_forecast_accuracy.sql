{{ config(materialized="view") }}

with newest as (

    select max(made_on) as made_on from {{ ref("fct_forecasts") }}

),

-- a quarter of forecasts is what a judgement of them needs
forecasts as (

    select forecasts.*
    from {{ ref("fct_forecasts") }} as forecasts
    inner join newest on forecasts.made_on between newest.made_on - 121 and newest.made_on - 1

),

usage as (

    select * from {{ ref("fct_usage_daily") }}
    where utc_day between (select made_on - 152 from newest) and (select made_on from newest)

),

spent as (

    {{ by_forecast_scope("usage", {
        "utc_day": "utc_day",
        "usd": sum_usd("estimate_usd"),
    }) }}

),

periods as (

    select
        forecasts.*,
        cast(case forecasts.period_grain
            when 'day' then forecasts.period_start
            when '30_days' then forecasts.period_start + 29
            else last_day(forecasts.period_start)
        end as date) as period_end
    from forecasts

),

over_by_now as (

    select distinct periods.scope, periods.member, periods.period_start, periods.period_end
    from periods
    inner join newest on periods.period_end <= newest.made_on

),

actual as (

    select
        over_by_now.scope,
        over_by_now.member,
        over_by_now.period_start,
        over_by_now.period_end,
        {{ sum_usd("coalesce(spent.usd, 0)") }} as actual_usd
    from over_by_now
    inner join spent as delivered
        on delivered.scope = 'company'
        and delivered.utc_day between over_by_now.period_start and over_by_now.period_end
    left join spent
        on over_by_now.scope = spent.scope
        and over_by_now.member = spent.member
        and delivered.utc_day = spent.utc_day
    group by
        over_by_now.scope, over_by_now.member, over_by_now.period_start, over_by_now.period_end
    -- what was not delivered is unknown
    having count(*) = over_by_now.period_end - over_by_now.period_start + 1

),

final as (

    select
        periods.made_on,
        periods.scope,
        periods.member,
        periods.period_grain,
        periods.period_start,
        cast(periods.period_end - periods.made_on as bigint) as days_to_come,
        periods.method,
        periods.forecast_usd,
        actual.actual_usd,
        cast(periods.forecast_usd - actual.actual_usd as decimal(28, 9)) as error_usd,
        {{ ratio("abs(periods.forecast_usd - actual.actual_usd)", "actual.actual_usd") }}
            as error_ratio,
        actual.actual_usd between periods.low_usd and periods.high_usd as is_in_interval
    from periods
    inner join actual
        on periods.scope = actual.scope
        and periods.member = actual.member
        and periods.period_start = actual.period_start
        and periods.period_end = actual.period_end

)

select * from final
