with source as (

    select * from {{ source("raw", "closed_chargeback") }}

)

select * from source
