{#- What burnt more than it should have: when, how much, what moved, and who acts on it. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_incidents_to_rebuild() }}",
    )
}}

with incidents as (

    select * from {{ ref("int_incidents") }}
    where {{ since_any_change(2, "cast(last_alert_at as date)") }}

),

drivers as (

    select * from {{ ref("int_incident_drivers") }}

),

changes as (

    select * from {{ ref("fct_change_events") }}

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

-- the change nearest to where the incident began, which it may not come after
preceded as (

    select
        driven.incident_id,
        arg_min(
            changes.change_event,
            (abs(datediff('minute', driven.started_at, changes.occurred_at)), changes.event_id)
        ) as change_event
    from driven
    inner join changes
        on driven.started_at - interval 72 hour <= changes.occurred_at
        and driven.detected_at >= changes.occurred_at
        and coalesce(driven.feature, '') = coalesce(changes.feature, driven.feature, '')
        and (changes.tenant_id is null or driven.scope <> 'tenant'
            or driven.member = changes.tenant_id)
    -- only who changes a price changes prices
    where (changes.change_kind = 'price') = (driven.driver = 'price')
    group by driven.incident_id

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
        driven.driver,
        preceded.change_event
    from driven
    left join preceded on driven.incident_id = preceded.incident_id

)

select * from final
