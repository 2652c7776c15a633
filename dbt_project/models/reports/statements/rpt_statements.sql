{{ config(materialized="view") }}

with source as (

    select * from {{ ref("fct_statements") }}

),

final as (

    select
        month,
        kind,
        row_kind,
        member,
        cost_exact_usd,
        cost_usd,
        adjustment_usd,
        internal_price_usd,
        charged_usd,
        previous_month_usd,
        change_usd,
        budget_usd,
        remaining_usd,
        calls,
        tasks_closed,
        successes,
        cost_per_success_usd,
        charged_reporting,
        reporting_currency,
        close_number
    from source

)

select * from final
