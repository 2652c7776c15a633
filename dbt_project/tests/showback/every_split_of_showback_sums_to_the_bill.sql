-- What showback shows of a month is what is charged in it, once for each way of splitting it; and
-- what is charged for a month, in it or later, is its bill. Reads roll-ups that do not grow with
-- calls.

with dimensions as (

    select named.dimension
    from (values ('feature'), ('tenant'), ('team'), ('cost_centre')) as named (dimension)

),

expected as (

    select 'charged in' as what, month, dimension, sum(charge_usd) as expected_usd
    from {{ ref("fct_chargeback") }}
    cross join dimensions
    group by month, dimension
    union all
    select 'billed for' as what, charge_month as month, 'bill' as dimension,
        sum(charge_usd) as expected_usd
    from {{ ref("fct_charges_daily") }}
    group by charge_month

),

shown as (

    select 'charged in' as what, month, dimension, sum(charge_usd) as shown_usd
    from {{ ref("rpt_showback") }}
    group by month, dimension
    union all
    select 'billed for' as what, original_month as month, 'bill' as dimension,
        sum(charge_usd) as shown_usd
    from {{ ref("fct_chargeback") }}
    group by original_month

)

select
    coalesce(expected.what, shown.what) as what,
    coalesce(expected.month, shown.month) as month,
    coalesce(expected.dimension, shown.dimension) as dimension,
    expected.expected_usd,
    shown.shown_usd
from expected
full outer join shown
    on expected.what = shown.what
    and expected.month = shown.month
    and expected.dimension = shown.dimension
where coalesce(expected.expected_usd, 0) <> coalesce(shown.shown_usd, 0)
