with source as (

    select * from {{ source("raw", "call_sources") }}

)

select * from source
