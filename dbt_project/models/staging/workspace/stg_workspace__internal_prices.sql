with source as (

    select * from {{ source("raw", "internal_prices") }}

)

select * from source
