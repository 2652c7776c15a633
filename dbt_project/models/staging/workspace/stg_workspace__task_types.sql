with source as (

    select * from {{ source("raw", "task_types") }}

)

select * from source
