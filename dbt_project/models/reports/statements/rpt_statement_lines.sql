{{ config(materialized="view") }}

with source as (

    select * from {{ ref("fct_statement_lines") }}

),

final as (

    select
        month,
        kind,
        member,
        line,
        adjusted_line,
        original_month,
        pool,
        provider,
        exact_usd,
        amount_usd,
        reporting_amount,
        reporting_currency,
        close_number
    from source

)

select * from final
