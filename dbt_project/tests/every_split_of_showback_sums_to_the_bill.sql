-- What showback shows of a month is the month's bill, once for each way of splitting it. Reads
-- roll-ups by day and model, which do not grow with calls.

with dimensions as (

    select named.dimension
    from (values ('feature'), ('tenant'), ('team'), ('cost_centre')) as named (dimension)

),

billed as (

    select charge_month as month, sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    group by charge_month

),

shown as (

    select month, dimension, sum(charge_usd) as charge_usd
    from {{ ref("rpt_showback") }}
    group by month, dimension

),

expected as (

    select billed.month, dimensions.dimension, billed.charge_usd
    from billed
    cross join dimensions

)

select
    coalesce(expected.month, shown.month) as month,
    coalesce(expected.dimension, shown.dimension) as dimension,
    expected.charge_usd as billed_usd,
    shown.charge_usd as shown_usd
from expected
full outer join shown
    on expected.month = shown.month
    and expected.dimension = shown.dimension
where coalesce(expected.charge_usd, 0) <> coalesce(shown.charge_usd, 0)
