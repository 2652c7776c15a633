with source as (

    select * from {{ source("raw", "run_context") }}

)

select * from source
