{#-
    Steps `budgets` and `month_budgets`: what a member of `rpt_spend_by_member` may spend in a
    month. Of the open month it is the least monthly limit, of others what statements had as budget.
-#}
{% macro month_budget_steps() -%}
budgets as (

    select month, kind as dimension, member, budget_usd, 2 as rank from {{ ref("fct_statements") }}
    where budget_usd is not null
    union all
    select
        {{ month_of(reporting_date("period_start")) }} as month,
        case scope when 'company' then 'all' when 'api_key' then 'key' else scope end as dimension,
        member,
        limit_usd as budget_usd,
        1 as rank
    from {{ ref("fct_budget_state") }}
    where period = 'month' and unit = 'usd'

),

month_budgets as (

    select month, dimension, member, budget_usd from budgets
    qualify row_number() over (
        partition by month, dimension, member order by rank, budget_usd
    ) = 1

),
{%- endmacro %}
