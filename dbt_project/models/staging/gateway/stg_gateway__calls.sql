with source as (

    select * from {{ source("raw", "gateway_calls") }}

)

select * from source
