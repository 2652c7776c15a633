with source as (

    select * from {{ source("raw", "billing_usage") }}

)

select * from source
