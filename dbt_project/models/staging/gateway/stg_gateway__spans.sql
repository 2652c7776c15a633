with source as (

    select * from {{ source("raw", "trace_spans") }}

)

select * from source
