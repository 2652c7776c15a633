{{ config(materialized="table") }}

with marks as (

    select * from {{ ref("stg_workspace__incident_marks") }}

),

final as (

    select incident_id, status, marked_by, until as holds_until, source from marks

)

select * from final
