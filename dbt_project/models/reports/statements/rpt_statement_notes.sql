{{ config(materialized="view") }}

with source as (

    select * from {{ ref("fct_statement_notes") }}

),

final as (

    select
        month,
        section,
        name,
        amount_usd,
        share_ratio,
        value,
        close_number
    from source

)

select * from final
