with source as (

    select * from {{ source("raw", "changed_tasks") }}

)

select * from source
