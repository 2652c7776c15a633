with source as (

    select * from {{ source("raw", "currencies") }}

)

select * from source
