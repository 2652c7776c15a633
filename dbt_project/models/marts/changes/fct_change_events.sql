{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['change_events']) }}",
    )
}}

with events as (

    select
        *,
        -- a change that comes again in a later file is that change, as said last
        row_number() over (
            partition by source_name, utc_day, event_id
            order by file_id desc, source_line desc
        ) as mention
    from {{ ref("stg_changes__events") }}
    where {{ only_changed_days(["change_events"]) }}

),

final as (

    select
        utc_day,
        source_name,
        event_id,
        change_kind,
        concat_ws(' ', change_kind, name, coalesce(version, source_version)) as change_event,
        name,
        version,
        source_version,
        occurred_at,
        ended_at,
        {{ reporting_date("occurred_at") }} as changed_date,
        feature,
        tenant_id,
        region,
        environment
    from events
    where mention = 1

)

select * from final
