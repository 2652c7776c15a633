-- What closed tasks and nobody bear of a month is its bill, and its calls' estimate, in the months
-- of this run. Reads roll-ups that do not grow with calls.

with borne as (

    select
        charge_month,
        sum(charge_usd) as charge_usd,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_task_charges") }}
    where {{ in_showback_months("charge_month") }}
    group by charge_month

),

stated as (

    select month as charge_month, charge_usd, estimate_usd
    from {{ ref("fct_money_monthly") }}
    where {{ in_showback_months("month") }}

)

select *
from borne
full outer join stated on borne.charge_month = stated.charge_month
where borne.charge_usd is distinct from coalesce(stated.charge_usd, 0)
    or borne.estimate_usd is distinct from coalesce(stated.estimate_usd, 0)
