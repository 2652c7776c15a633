with source as (

    select * from {{ source("raw", "omitted_records") }}

)

select * from source
