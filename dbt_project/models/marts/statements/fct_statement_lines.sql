{#- Lines of every statement: open months as they are today, closed ones as they were closed. -#}
{{ config(materialized="table") }}

{%- set columns = [
    "month", "kind", "member", "line", "adjusted_line", "original_month", "pool", "provider",
    "exact_usd", "amount_usd", "reporting_currency", "reporting_amount",
] %}

with costs as (

    select * from {{ ref("int_statement_costs") }}

),

internal_prices as (

    select
        lines.*,
        rates.reporting_currency,
        cast(round(lines.amount_usd * rates.reporting_rate, 2) as decimal(18, 2))
            as reporting_amount
    from {{ ref("int_internal_price_lines") }} as lines
    left join {{ ref("dim_periods") }} as rates
        on lines.month = rates.month
        and rates.reporting_currency <> 'USD'
    where lines.amount_usd <> 0

),

final as (

    select {{ columns | join(", ") }}, cast(null as bigint) as close_number from costs
    union all
    select
        month,
        kind,
        member,
        'internal price' as line,
        cast(null as varchar) as adjusted_line,
        month as original_month,
        cast(null as varchar) as pool,
        cast(null as varchar) as provider,
        cast(null as decimal(28, 12)) as exact_usd,
        amount_usd,
        reporting_currency,
        reporting_amount,
        cast(null as bigint) as close_number
    from internal_prices
    union all
    select {{ columns | join(", ") }}, close_number
    from {{ ref("stg_closes__statement_lines") }}

)

select * from final
