with source as (

    select * from {{ source("raw", "closes") }}

)

select * from source
