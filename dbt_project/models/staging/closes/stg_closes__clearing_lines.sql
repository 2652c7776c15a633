with source as (

    select * from {{ source("raw", "closed_clearing_lines") }}

)

select * from source
