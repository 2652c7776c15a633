with source as (

    select * from {{ source("raw", "versions") }}

)

select * from source
