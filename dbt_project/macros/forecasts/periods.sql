{#-
    Forecasts of days, as baselines have them times what events are to multiply, from baselines, the
    days of events and what earlier times of each taught (rows of `fct_event_uplifts`).

    A plan is uncertain: half of what it adds may be missed or come on top, less the more days of it
    were seen. What an event adds to a feature it adds to the company.
-#}
{% macro forecast_event_days(baselines, event_days, uplifts) -%}
    with planned as (

        select
            baselines.*,
            event_days.event,
            event_days.feature,
            {{ unrounded("event_days.uplift") }} - 1 as plan
        from {{ baselines }} as baselines
        inner join {{ event_days }} as event_days
            on baselines.utc_day = event_days.utc_day
            and (event_days.feature is null
                or (baselines.scope = 'feature' and event_days.feature = baselines.member))
        qualify row_number() over (
            partition by baselines.made_on, baselines.scope, baselines.member, baselines.utc_day
            order by event_days.feature nulls last
        ) = 1

    ),

    gains as (

        select
            planned.made_on,
            planned.scope,
            planned.member,
            planned.utc_day,
            any_value(planned.feature) as feature,
            any_value(planned.usual_usd) as usual_usd,
            any_value(planned.plan) as plan,
            coalesce(sum(uplifts.days), 0) as days,
            {{ learned_gain(
                "sum(uplifts.days)", "sum(uplifts.usual_usd)", "sum(uplifts.planned_usd)",
                "sum(uplifts.actual_usd)"
            ) }} as gain
        from planned
        left join {{ uplifts }} as uplifts
            on planned.event = uplifts.event
            and planned.feature is not distinct from uplifts.feature
            and planned.scope = uplifts.scope
            and planned.member = uplifts.member
            and planned.made_on >= uplifts.ends_on
        group by planned.made_on, planned.scope, planned.member, planned.utc_day

    ),

    added as (

        select
            *,
            {{ unrounded("usual_usd") }} * plan * gain as added,
            {{ unrounded("usual_usd") }} * abs(plan) * {{ ratio(1, "days + 2") }} as doubt
        from gains

    )

    select made_on, scope, member, utc_day, added, doubt from added
    union all
    select made_on, 'company' as scope, 'all' as member, utc_day, sum(added), sum(doubt)
    from added
    where scope = 'feature' and feature is not null
    group by made_on, utc_day
{%- endmacro %}

{#-
    Forecasts of days summed to the next 30 and to the month of the first of them, which holds what
    was spent of it by then. How far a sum may be off is known by how many days it adds.
-#}
{% macro forecast_periods(days) -%}
    with summed as (

        select
            *,
            sum(forecast) over so_far as forecast_sum,
            {{ unrounded("sum_distance_usd") }} * coalesce({{ ratio(
                "sum(forecast) over so_far", "sum(usual_usd) over so_far"
            ) }}, 1) + sum(doubt) over so_far as sum_distance
        from {{ days }}
        window so_far as (partition by made_on, scope, member order by ahead)

    ),

    periods as (

        select *, 'day' as period_grain, utc_day as period_start, 0 as known_usd,
            forecast as predicted, distance as width
        from summed
        where ahead <= 30
        union all
        select *, '30_days', cast(made_on + 1 as date), 0, forecast_sum, sum_distance
        from summed
        where ahead = 30
        union all
        select *, 'month', {{ month_of("utc_day") }}, month_to_date_usd, forecast_sum, sum_distance
        from summed
        where utc_day = last_day(made_on + 1)
    )

    select
        made_on,
        scope,
        member,
        period_grain,
        cast(period_start as date) as period_start,
        cast(known_usd + round(predicted, 6) as decimal(28, 9)) as forecast_usd,
        -- `greatest` passes over NULL
        cast(known_usd + case when width >= 0 then round(greatest(predicted - width, 0), 6) end
            as decimal(28, 9)) as low_usd,
        cast(known_usd + round(predicted + width, 6) as decimal(28, 9)) as high_usd,
        method,
        backtest_error
    from periods
{%- endmacro %}
