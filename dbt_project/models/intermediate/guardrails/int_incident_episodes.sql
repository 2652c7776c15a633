{#- Alerts of one member and measure that follow each other; macros/guardrails/episodes.sql. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_incidents_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("stg_lake__changed_days") }}
-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with alert_hours as (

    select * from {{ ref("int_burn_alerts") }}

),

burn_hours as (

    select * from {{ ref("int_burn_hourly") }}
    where {{ since_any_change(100) }}

),

final as (

    {{ episodes_select(
        "alert_hours", "burn_hours", burn_keys(), burn_windows(),
        var("incident_gap_hours"), since_any_change(2, "max(utc_day)")
    ) }}

)

select * from final
