with source as (

    select * from {{ source("raw", "closed_statement_lines") }}

)

select * from source
