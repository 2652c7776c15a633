{{ config(materialized="view") }}

with incidents as (

    select * from {{ ref("fct_incidents") }}

),

marks as (

    select * from {{ ref("dim_incident_marks") }}

),

changes as (

    select * from {{ ref("fct_change_events") }}

),

-- the change nearest to where the incident began, which it may not come after
preceded as (

    select
        incidents.incident_id,
        arg_min(
            changes.change_event,
            (abs(datediff('minute', incidents.started_at, changes.occurred_at)), changes.event_id)
        ) as change_event
    from incidents
    inner join changes
        on incidents.started_at - interval 72 hour <= changes.occurred_at
        and incidents.detected_at >= changes.occurred_at
        and coalesce(incidents.feature, '') = coalesce(changes.feature, incidents.feature, '')
        and (changes.tenant_id is null or incidents.scope <> 'tenant'
            or incidents.member = changes.tenant_id)
    -- only who changes a price changes prices
    where (changes.change_kind = 'price') = (incidents.driver = 'price')
    group by incidents.incident_id

),

-- who announces a key or a region expects it: a change that names it, or happens in it
announced as (

    select
        incidents.incident_id,
        arg_max(changes.change_event, (changes.occurred_at, changes.event_id)) as change_event
    from incidents
    inner join changes
        on incidents.started_at - interval 7 day <= changes.occurred_at
        and incidents.last_at >= changes.occurred_at
        and (incidents.member = changes.name
            or (incidents.scope = 'region' and incidents.member = changes.region))
    where incidents.measure = 'new_member'
    group by incidents.incident_id

),

marked as (

    select marks.*, incidents.scope, incidents.member, incidents.measure
    from marks
    inner join incidents on marks.incident_id = incidents.incident_id

),

newest as (

    select max(utc_hour) as utc_hour from {{ ref("fct_usage_hourly") }}

),

final as (

    select
        incidents.incident_id,
        incidents.started_at,
        incidents.last_at,
        incidents.detected_at,
        incidents.scope,
        incidents.member,
        incidents.feature,
        incidents.measure,
        incidents.usual_usd as expected,
        incidents.actual_usd as actual,
        incidents.excess_usd,
        incidents.driver,
        coalesce(announced.change_event, preceded.change_event) as change_event,
        {{ owner_name() }} as owner,
        coalesce(
            own.status,
            earlier.status,
            case when announced.incident_id is not null then 'planned' end,
            case when incidents.last_alert_at
                >= newest.utc_hour - interval {{ var("incident_gap_hours") }} hour
                then 'open' else 'closed' end
        ) as status,
        coalesce(own.marked_by, earlier.marked_by) as marked_by
    from incidents
    cross join newest
    left join preceded on incidents.incident_id = preceded.incident_id
    left join announced on incidents.incident_id = announced.incident_id
    left join marked as own on incidents.incident_id = own.incident_id
    -- a mark that still holds mutes the same incident when it comes again
    left join marked as earlier
        on incidents.incident_id <> earlier.incident_id
        and incidents.scope = earlier.scope
        and incidents.member = earlier.member
        and incidents.measure = earlier.measure
        and incidents.started_at < earlier.holds_until
    {{ join_owners("incidents.driver", "incidents.feature") }}
    qualify row_number() over (
        partition by incidents.incident_id order by earlier.holds_until desc nulls last
    ) = 1

)

select * from final
