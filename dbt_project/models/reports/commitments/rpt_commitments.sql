{#- Commitments as the page lists them: where each stands, and the ratios of its newest month. -#}

with commitments as (

    select * from {{ ref("dim_commitments") }}

),

newest_months as (

    select * from {{ ref("fct_commitment_months") }}
    qualify row_number() over (partition by commitment, valid_from order by month desc) = 1

),

final as (

    select
        commitments.commitment,
        commitments.valid_from,
        commitments.valid_to,
        commitments.kind,
        commitments.committed_usd,
        commitments.billed_usd,
        commitments.effective_usd,
        commitments.idle_usd,
        commitments.saving_usd,
        commitments.drawn_usd,
        commitments.remaining_usd,
        commitments.as_of_day,
        commitments.exhausted_on,
        commitments.unused_at_end_usd,
        commitments.break_even_ratio,
        newest_months.month,
        newest_months.utilisation_ratio,
        newest_months.coverage_ratio,
        newest_months.effective_usd_per_mtok,
        newest_months.on_demand_usd_per_mtok
    from commitments
    left join newest_months
        on commitments.commitment = newest_months.commitment
        and commitments.valid_from is not distinct from newest_months.valid_from

)

select * from final
