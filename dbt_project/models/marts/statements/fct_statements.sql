{#- One member's month in a row: cost, what is charged, budget, and what it did for it. -#}
{{ config(materialized="table") }}

with lines as (

    select * from {{ ref("fct_statement_lines") }} where close_number is null

),

units as (

    select * from {{ ref("fct_member_monthly") }}

),

budgets as (

    select * from {{ ref("int_statement_budgets") }}

),

by_row as (

    select *, case when member is null then 'unallocated' else 'member' end as row_kind
    from lines
    union all
    select * replace (cast(null as varchar) as member), 'total' as row_kind from lines
    union all by name
    -- who has a budget has a statement without charges too
    select month, kind, member, 'member' as row_kind, 0 as amount_usd, 0 as exact_usd from budgets

),

charged as (

    select
        month,
        kind,
        row_kind,
        member,
        sum(exact_usd) as cost_exact_usd,
        sum(case when line is distinct from 'internal price' then amount_usd else 0 end)
            as cost_usd,
        sum(case when line = 'adjustment' then amount_usd else 0 end) as adjustment_usd,
        sum(case when line = 'internal price' then amount_usd else 0 end) as internal_price_usd,
        sum(amount_usd) as charged_usd,
        max(reporting_currency) as reporting_currency,
        sum(reporting_amount) as charged_reporting
    from by_row
    group by all

),

closed as (

    select * from {{ ref("stg_closes__statements") }}

),

all_months as (

    select month, kind, row_kind, member, charged_usd from charged
    union all
    select month, kind, row_kind, member, charged_usd from closed

),

computed as (

    select
        charged.*,
        previous.charged_usd as previous_month_usd,
        charged.charged_usd - previous.charged_usd as change_usd,
        budgets.monthly_usd as budget_usd,
        budgets.monthly_usd - charged.charged_usd as remaining_usd,
        units.calls,
        units.tasks_closed,
        units.successes,
        units.cost_per_success_usd,
        cast(null as bigint) as close_number
    from charged
    left join all_months as previous
        on charged.kind = previous.kind
        and charged.row_kind = previous.row_kind
        and charged.member is not distinct from previous.member
        and charged.month = previous.month + interval 1 month
    left join budgets
        on charged.month = budgets.month
        and charged.kind = budgets.kind
        and charged.member = budgets.member
    left join units
        on charged.month = units.month
        and charged.kind = units.kind
        and charged.row_kind = units.row_kind
        and charged.member is not distinct from units.member

),

final as (

    select
        month, kind, row_kind, member,
        cast(cost_exact_usd as decimal(28, 12)) as cost_exact_usd,
        {% for column in [
            "cost_usd", "adjustment_usd", "internal_price_usd", "charged_usd",
            "previous_month_usd", "change_usd", "budget_usd", "remaining_usd",
        ] -%}
        cast({{ column }} as decimal(18, 2)) as {{ column }},
        {% endfor -%}
        cast(charged_reporting as decimal(18, 2)) as charged_reporting,
        reporting_currency, calls, tasks_closed, successes, cost_per_success_usd, close_number
    from computed
    union all by name
    select * from closed

)

select * from final
