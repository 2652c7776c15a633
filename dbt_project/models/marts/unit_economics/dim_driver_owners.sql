{{ config(materialized="table") }}

with owners as (

    select * from {{ ref("stg_workspace__owners") }}

),

final as (

    select driver, feature, owner from owners

)

select * from final
