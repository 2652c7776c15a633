{#- What was left of each commitment, day by day; those without an amount have nothing to burn. -#}

with days as (

    select * from {{ ref("fct_commitment_daily") }}

),

commitments as (

    select * from {{ ref("dim_commitments") }}
    where committed_usd is not null and kind <> 'provisioned'

),

final as (

    select
        days.utc_day as day,
        days.commitment,
        days.valid_from,
        days.drawn_usd,
        cast(commitments.committed_usd - days.drawn_to_date_usd as decimal(28, 12))
            as remaining_usd
    from days
    inner join commitments
        on days.commitment = commitments.commitment
        and days.valid_from is not distinct from commitments.valid_from

)

select * from final
