{#- Budgets by the open months that have a statement. -#}

with open_months as (

    select distinct month from {{ ref("fct_chargeback") }} -- months that have a statement
    where close_number is null

),

budgets as (

    select * from {{ ref("stg_workspace__budgets") }}

),

final as (

    select
        open_months.month,
        budgets.kind,
        budgets.name as member,
        cast(budgets.monthly_usd as decimal(18, 2)) as monthly_usd
    from open_months
    inner join budgets
        on open_months.month >= budgets.valid_from
        and open_months.month < budgets.valid_to

)

select * from final
