with source as (

    select * from {{ source("raw", "changed_days") }}

)

select distinct table_name, utc_day from source -- two sources can change one day
