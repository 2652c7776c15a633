with source as (

    select * from {{ source("raw", "tenant_revenue") }}

)

select * from source
