with source as (

    select * from {{ source("raw", "queue_samples") }}

)

select * from source
