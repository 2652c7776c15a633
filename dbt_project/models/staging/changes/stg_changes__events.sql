with source as (

    select * from {{ source("raw", "change_events") }}

)

select * from source
