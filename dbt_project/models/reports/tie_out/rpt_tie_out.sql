with cells as (

    select * from {{ ref("fct_tie_out") }}

),

final as (

    select
        provider,
        day,
        model,
        calls,
        estimate_usd,
        charge_usd,
        gap_usd,
        {{ ratio("gap_usd", "estimate_usd") }} as gap_ratio,
        status,
        is_settled
    from cells

)

select * from final
