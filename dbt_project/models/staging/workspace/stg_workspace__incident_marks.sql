with source as (

    select * from {{ source("raw", "incident_marks") }}

)

select * from source
