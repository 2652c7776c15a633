with source as (

    select * from {{ source("raw", "tool_prices") }}

)

select * from source
