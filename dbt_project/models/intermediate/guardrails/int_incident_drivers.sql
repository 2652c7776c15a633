{#- What moved within each incident; the formula: macros/guardrails/drivers.sql. -#}

with sides as (

    select * from {{ ref("int_incident_sides") }}

),

incidents as (

    select incident_id, scope, measure from {{ ref("int_incidents") }}

),

final as (

    {{ incident_drivers_select("sides", "incidents") }}

)

select * from final
