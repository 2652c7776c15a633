-- Every dollar beyond a hard limit has one cause: they sum to what was spent less the limit.

with passed as (

    select {{ cap_keys() | join(", ") }}, sum(usd) as usd
    from {{ ref("fct_cap_audit") }}
    where direction = 'passed'
    group by {{ cap_keys() | join(", ") }}

),

spent as (

    select {{ cap_keys() | join(", ") }}, sum(usd) - any_value(limit_usd) as beyond_usd
    from {{ ref("int_capped_calls") }}
    group by {{ cap_keys() | join(", ") }}

)

select
    {% for key in cap_keys() -%}
    coalesce(spent.{{ key }}, passed.{{ key }}) as {{ key }},
    {% endfor -%}
    spent.beyond_usd,
    passed.usd
from spent
full outer join passed {{ same_cap("spent", "passed") }}
where greatest(coalesce(spent.beyond_usd, 0), 0) <> coalesce(passed.usd, 0)
