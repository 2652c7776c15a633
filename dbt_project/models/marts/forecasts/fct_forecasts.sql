{#- What was forecast on each complete day: days to come, their month, and the next 30. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_forecasts_to_make() }}",
    )
}}

-- depends_on: {{ ref("stg_lake__changed_days") }}

with baselines as (

    select * from {{ ref("int_forecast_baselines") }} where {{ in_forecasts_to_make() }}

),

event_days as (

    {{ planned_event_days(ref("stg_workspace__planned_events")) }}

),

uplifts as (

    select * from {{ ref("fct_event_uplifts") }}

),

added as (

    {{ forecast_event_days("baselines", "event_days", "uplifts") }}

),

added_by_day as (

    select made_on, scope, member, utc_day, sum(added) as added, sum(doubt) as doubt
    from added
    group by made_on, scope, member, utc_day

),

days as (

    select
        baselines.*,
        greatest({{ unrounded("baselines.usual_usd") }} + coalesce(added_by_day.added, 0), 0)
            as forecast,
        coalesce(added_by_day.doubt, 0) as doubt,
        -- what multiplies a day multiplies how far it may be off
        {{ unrounded("baselines.distance_usd") }} * coalesce({{ ratio(
            "baselines.usual_usd + coalesce(added_by_day.added, 0)", "baselines.usual_usd"
        ) }}, 1) + coalesce(added_by_day.doubt, 0) as distance
    from baselines
    left join added_by_day
        on baselines.made_on = added_by_day.made_on
        and baselines.scope = added_by_day.scope
        and baselines.member = added_by_day.member
        and baselines.utc_day = added_by_day.utc_day

),

final as (

    {{ forecast_periods("days") }}

)

select * from final
