{#-
    Limits as the workspace states them: rows of `config/limits.csv`, and its monthly budgets of
    what calls name, each with its owner as the org tree has it at the `newest` hour.
-#}
{% macro stated_limits(newest) -%}
    select
        scope, names, unit, period, kind,
        cast(coalesce(limit_quantity, limit_usd) as decimal(28, 9)) as limit_quantity,
        warn_at, owner, valid_from, valid_to, source,
        false as is_budget
    from {{ ref("stg_workspace__limits") }}
    -- quotas of a minute are for the peak plan
    where period <> 'minute'
    union all
    select
        budgets.kind as scope, [budgets.name] as names, 'usd' as unit, 'month' as period,
        'soft' as kind,
        cast(budgets.monthly_usd as decimal(28, 9)) as limit_quantity,
        [cast(0.8 as decimal(5, 4))] as warn_at,
        owners.owner, budgets.valid_from, budgets.valid_to, budgets.source, true as is_budget
    from {{ ref("stg_workspace__budgets") }} as budgets
    cross join {{ newest }}
    left join {{ ref("stg_workspace__org_units") }} as owners
        on budgets.kind = owners.kind
        and budgets.name = owners.name
        and {{ newest }}.utc_hour >= owners.valid_from
        and {{ newest }}.utc_hour < owners.valid_to
    -- no call names a cost centre: what it bears is known with the bill
    where budgets.kind in ('feature', 'tenant', 'team')
{%- endmacro %}
