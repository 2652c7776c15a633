{#- Lines of every statement: open months as they are today, closed ones as they were closed. -#}
{{ config(materialized="table") }}

{%- set columns = [
    "month", "kind", "member", "line", "adjusted_line", "original_month", "pool", "provider",
    "exact_usd", "amount_usd",
] %}

with costs as (

    select * from {{ ref("int_statement_costs") }}

),

internal_prices as (

    select * from {{ ref("int_internal_price_lines") }} where amount_usd <> 0

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
        cast(null as bigint) as close_number
    from internal_prices
    union all
    select {{ columns | join(", ") }}, close_number
    from {{ ref("stg_closes__statement_lines") }}

)

select * from final
