-- Each way of splitting a month sums to one total: the month's charges, rounded once.

with charged as (

    select month, cast(round(sum(charge_usd), 2) as decimal(18, 2)) as charge_usd
    from {{ ref("fct_chargeback") }}
    group by month

),

shown as (

    select month, kind, sum(amount_usd) as amount_usd
    from {{ ref("rpt_statement_lines") }}
    where line is distinct from 'internal price'
    group by month, kind

)

select
    charged.month,
    shown.kind,
    charged.charge_usd,
    shown.amount_usd
from charged
left join shown on charged.month = shown.month
where charged.charge_usd is distinct from shown.amount_usd
