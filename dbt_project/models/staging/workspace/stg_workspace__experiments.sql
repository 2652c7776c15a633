with source as (

    select * from {{ source("raw", "experiments") }}

)

select * from source
