{#- Hours that burn as they rarely do; the formula: macros/guardrails/alerts.sql. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_after_changes(92) }}",
    )
}}

{#- One dear task is much of a small tenant's day: its unit cost is that of its features. -#}
{%- set is_watched %}
(
    measure <> 'unit_cost'
    or scope in ('company', 'feature')
    or mean_hour_usd * 24 > {{ var("incident_floor_usd") }} * {{ var("incident_pooled_below") }}
)
{%- endset %}

-- depends_on: {{ ref("stg_lake__changed_days") }}
-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with burn_hours as (

    select * from {{ ref("int_burn_hourly") }} where {{ since_any_change(28) }}

),

final as (

    {{ burn_alerts_select(
        "burn_hours", burn_keys(), burn_windows(), var("incident_unit_score"),
        var("incident_floor_usd"), in_days_after_changes(92) ~ " and " ~ is_watched
    ) }}

)

select * from final
