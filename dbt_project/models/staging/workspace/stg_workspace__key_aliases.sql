with source as (

    select * from {{ source("raw", "key_aliases") }}

)

select * from source
