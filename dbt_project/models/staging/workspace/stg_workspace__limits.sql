with source as (

    select * from {{ source("raw", "limits") }}

)

select * from source
