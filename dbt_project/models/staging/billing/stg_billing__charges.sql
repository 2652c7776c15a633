with source as (

    select * from {{ source("raw", "billing_charges") }}

)

select * from source
