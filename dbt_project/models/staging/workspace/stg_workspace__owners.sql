with source as (

    select * from {{ source("raw", "owners") }}

)

select * from source
