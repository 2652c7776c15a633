with source as (

    select * from {{ source("raw", "model_matches") }}

)

select * from source
