with source as (

    select * from {{ source("raw", "fx_rates") }}

),

final as (

    select
        currency,
        cast(valid_from as date) as day,
        usd,
        rate_day,
        source as rate_source
    from source

)

select * from final
