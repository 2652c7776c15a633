{#- What burnt more than it should have: when, how much, what moved, and who acts on it. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_incidents_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("stg_lake__changed_days") }}
-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with incidents as (

    select * from {{ ref("int_incidents") }}
    where {{ since_any_change(2, "cast(last_alert_at as date)") }}

),

drivers as (

    select * from {{ ref("int_incident_drivers") }}

),

driven as (

    select
        incidents.*,
        coalesce(
            drivers.driver,
            {{ driver_of_measure("incidents.measure") }}
        ) as driver,
        case incidents.scope when 'feature' then incidents.member
            when 'company' then null else drivers.largest_feature end as feature
    from incidents
    left join drivers on incidents.incident_id = drivers.incident_id

),

final as (

    select
        driven.incident_id,
        driven.started_at,
        driven.last_at,
        driven.detected_at,
        driven.last_alert_at,
        driven.scope,
        driven.member,
        driven.feature,
        driven.measure,
        driven.window_hours,
        -- doubles are added in any order: their last digits are nobody's
        round(driven.score_ratio, 6) as score_ratio,
        driven.usual_usd,
        driven.actual_usd,
        driven.excess_usd,
        {{ as_count("driven.episodes") }} as episodes,
        driven.driver
    from driven

)

select * from final
