with source as (

    select * from {{ source("raw", "org_units") }}

)

select * from source
