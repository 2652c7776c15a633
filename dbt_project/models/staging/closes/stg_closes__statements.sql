with source as (

    select * from {{ source("raw", "closed_statements") }}

)

select * from source
