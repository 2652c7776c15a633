with source as (

    select * from {{ source("raw", "close_changes") }}

)

select * from source
