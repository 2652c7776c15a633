with source as (

    select * from {{ source("raw", "booked_adjustments") }}

)

select * from source
