with source as (

    select * from {{ source("raw", "planned_events") }}

)

select * from source
