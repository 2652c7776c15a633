{#- What planned events added, beside what was forecast without them the day before they began. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_forecasts_to_make('ends_on') }}",
    )
}}

-- depends_on: {{ ref("stg_lake__changed_days") }}

with event_days as (

    select * from (

        {{ planned_event_days(ref("stg_workspace__planned_events")) }}

    ) as days
    where {{ in_forecasts_to_make("ends_on", kept_by="ends_on") }}

),

usage as (

    select * from {{ ref("fct_usage_daily") }}
    where utc_day in (select utc_day from event_days)

),

spent as (

    {{ forecast_scoped_days("usage", "event_days") }}

),

baselines as (

    select * from {{ ref("int_forecast_baselines") }}
    where made_on in (select starts_on - 1 from event_days)

),

newest as (

    select max(made_on) as utc_day from {{ ref("int_forecast_baselines") }}

),

final as (

    select
        event_days.event,
        event_days.feature,
        event_days.starts_on,
        event_days.ends_on,
        baselines.scope,
        baselines.member,
        {{ as_count("count(*)") }} as days,
        {{ sum_usd("baselines.usual_usd") }} as usual_usd,
        {{ sum_usd("cast(baselines.usual_usd * event_days.uplift as decimal(28, 9))") }}
            as planned_usd,
        {{ sum_usd("coalesce(spent.usd, 0)") }} as actual_usd
    from event_days
    inner join baselines
        on event_days.starts_on - 1 = baselines.made_on
        and event_days.utc_day = baselines.utc_day
        -- of a feature's own event, nobody else is asked
        and (event_days.feature is null
            or (baselines.scope = 'feature' and event_days.feature = baselines.member))
    left join spent
        on baselines.scope = spent.scope
        and baselines.member = spent.member
        and event_days.utc_day = spent.utc_day
    where event_days.ends_on <= (select utc_day from newest)
    group by
        event_days.event, event_days.feature, event_days.starts_on, event_days.ends_on,
        baselines.scope, baselines.member

)

select * from final
