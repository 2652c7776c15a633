with source as (

    select * from {{ source("raw", "log_storage") }}

)

select * from source
