with source as (

    select * from {{ source("raw", "closed_statement_notes") }}

)

select * from source
