{{ config(materialized="table") }}

with types as (

    select * from {{ ref("stg_workspace__task_types") }}

),

final as (

    select task_type, valid_from, valid_to, value_usd, baseline_usd, one_off_usd from types

)

select * from final
