with source as (

    select * from {{ source("raw", "commitments") }}

),

final as (

    select * replace (
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    )
    from source

)

select * from final
