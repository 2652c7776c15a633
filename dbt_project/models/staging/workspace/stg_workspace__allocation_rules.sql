with source as (

    select * from {{ source("raw", "allocation_rules") }}

)

select * from source
