-- However often a closed month is restated: what was charged for it, in whatever month, is what
-- showback says of it today, to the last digit.

with charged as (

    select original_month, {{ showback_grain() | reject("eq", "line") | join(", ") }},
        coalesce(adjusted_line, line) as line, sum(charge_usd) as charge_usd
    from {{ ref("fct_chargeback") }}
    group by all

),

caused as (

    select
        month as original_month, {{ showback_grain() | join(", ") }}, sum(charge_usd) as charge_usd
    from {{ ref("fct_showback") }}
    group by all

)

select *
from (
    (select original_month, {{ showback_grain() | join(", ") }}, charge_usd
    from charged where charge_usd <> 0)
    except
    (select original_month, {{ showback_grain() | join(", ") }}, charge_usd from caused)
)
union all
select *
from (
    (select original_month, {{ showback_grain() | join(", ") }}, charge_usd
    from caused where charge_usd <> 0)
    except
    (select original_month, {{ showback_grain() | join(", ") }}, charge_usd from charged)
)
