with source as (

    select * from {{ source("raw", "deliveries") }}

)

select * from source
