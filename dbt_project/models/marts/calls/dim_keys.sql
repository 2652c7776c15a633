{#- What people call each key that calls name. -#}
{{ config(materialized="table") }}

with aliases as (

    select unnest(names) as api_key_id, alias from {{ ref("stg_workspace__key_aliases") }}

),

final as (

    select api_key_id, alias as key_alias from aliases

)

select * from final
