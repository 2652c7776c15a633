with source as (

    select * from {{ source("raw", "model_prices") }}

)

select * from source
