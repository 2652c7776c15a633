-- A gap is split and nothing is lost: on the days of this run the cells hold every charge in
-- dollars and every estimate, and the causes sum to the difference.

{%- set inputs = ["gateway_calls", "billing_charges", "billing_usage"] %}

with cells as (

    select
        utc_day,
        provider,
        sum(coalesce(charge_usd, 0)) as charge_usd,
        sum(coalesce(estimate_usd, 0)) as estimate_usd,
        sum({{ gap_causes() | join("_usd + ") }}_usd) as causes_usd
    from {{ ref("fct_tie_out_cells") }}
    where {{ on_days_of_run(inputs) }}
    group by utc_day, provider

),

both_sides as (

    select utc_day, provider, charge_usd, 0 as estimate_usd
    from {{ ref("fct_charges_daily") }}
    where {{ on_days_of_run(inputs) }}
    union all
    select utc_day, provider, 0 as charge_usd, estimate_usd
    from {{ ref("fct_usage_daily") }}
    where {{ on_days_of_run(inputs) }}

),

stated as (

    select
        utc_day,
        provider,
        sum(coalesce(charge_usd, 0)) as charge_usd,
        sum(coalesce(estimate_usd, 0)) as estimate_usd
    from both_sides
    group by utc_day, provider

)

select
    stated.utc_day,
    stated.provider,
    stated.charge_usd,
    cells.charge_usd as charge_in_cells_usd,
    stated.estimate_usd,
    cells.estimate_usd as estimate_in_cells_usd,
    cells.causes_usd
from stated
left join cells
    on stated.utc_day = cells.utc_day
    and stated.provider is not distinct from cells.provider
where stated.charge_usd <> coalesce(cells.charge_usd, 0)
    or stated.estimate_usd <> coalesce(cells.estimate_usd, 0)
    or stated.charge_usd - stated.estimate_usd <> coalesce(cells.causes_usd, 0)
