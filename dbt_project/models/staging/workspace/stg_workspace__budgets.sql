with source as (

    select * from {{ source("raw", "budgets") }}

)

select * from source
