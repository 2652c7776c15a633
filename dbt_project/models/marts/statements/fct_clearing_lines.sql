{#-
    What the journal of each month credits the clearing account of an invoice with, in whole cents:
    over all months the invoice, rounded once. Rule: DECISIONS.md, `clearing_usd`.
-#}
{{ config(materialized="table") }}

{%- set invoice = ["provider", "invoice_month", "invoice_id"] %}

with closed_months as (

    select * from {{ ref("stg_closes__months") }} where is_current

),

first_open as (

    -- charges what became known of closed months
    select cast(max(month) + interval 1 month as date) as month from closed_months

),

closed_lines as (

    select * from {{ ref("stg_closes__clearing_lines") }}
    union all by name
    -- a close of before kept no invoices: its credits clear the provider's month
    select
        month, close_number, provider,
        original_month as invoice_month,
        sum(amount_usd) as amount_usd,
        sum(reporting_amount) as reporting_amount,
        max(reporting_currency) as reporting_currency
    from {{ ref("stg_closes__statement_lines") }}
    where kind = 'cost_centre' and line <> 'internal price'
        and month not in (select month from {{ ref("stg_closes__clearing_lines") }})
    group by month, close_number, provider, original_month

),

bookings as (

    select
        case when charges.charge_month in (select month from closed_months) then first_open.month
            else charges.charge_month end as month,
        {% for column in invoice %}charges.{{ column }}, {% endfor %}
        charges.charge_usd,
        0 as credited_usd
    from {{ ref("fct_invoice_months") }} as charges
    cross join first_open
    union all
    select
        first_open.month,
        {% for column in invoice %}closed_lines.{{ column }}, {% endfor %}
        0 as charge_usd,
        closed_lines.amount_usd as credited_usd
    from closed_lines
    cross join first_open

),

due as (

    -- all that was used of the invoice so far, rounded once, less what closed months credited
    select
        month,
        {{ invoice | join(", ") }},
        round(sum(sum(charge_usd)) over so_far, 2) - sum(sum(credited_usd)) over so_far as due_usd
    from bookings
    group by month, {{ invoice | join(", ") }}
    window so_far as (partition by {{ invoice | join(", ") }} order by month)

),

credits as (

    select
        month,
        {{ invoice | join(", ") }},
        due_usd - lag(due_usd, 1, 0) over so_far as amount_usd
    from due
    window so_far as (partition by {{ invoice | join(", ") }} order by month)

),

open_lines as (

    select
        credits.*,
        rates.reporting_currency,
        round(credits.amount_usd * rates.reporting_rate, 2) as reporting_amount
    from credits
    left join {{ ref("dim_periods") }} as rates
        on credits.month = rates.month and rates.reporting_currency <> 'USD'
    where credits.amount_usd <> 0

),

lines as (

    select * from closed_lines
    union all by name
    select * from open_lines

),

final as (

    select
        month,
        {{ invoice | join(", ") }},
        cast(amount_usd as decimal(18, 2)) as amount_usd,
        cast(reporting_amount as decimal(18, 2)) as reporting_amount,
        reporting_currency,
        close_number
    from lines

)

select * from final
