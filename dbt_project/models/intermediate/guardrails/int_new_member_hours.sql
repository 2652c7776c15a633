{#- Hours of keys and regions that nobody saw before; macros/guardrails/new_members.sql. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_after_changes(29, has_measure=false) }}",
    )
}}

-- depends_on: {{ ref("stg_lake__changed_days") }}

with usage as (

    select * from {{ ref("fct_usage_hourly") }} where {{ since_changes(30) }}

),

final as (

    {{ new_member_hours_select(
        "usage", newly_seen_scopes(), 28, in_days_after_changes(29, has_measure=false)
    ) }}

)

select * from final
