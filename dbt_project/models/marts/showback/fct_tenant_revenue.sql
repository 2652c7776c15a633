{#- What tenants pay for each month that has a bill. -#}
{{ config(materialized="table") }}

with months as (

    select month from {{ ref("fct_showback") }} group by month

),

revenue as (

    select * from {{ ref("stg_workspace__tenant_revenue") }}

),

final as (

    select
        months.month,
        revenue.tenant_id,
        cast(revenue.usd_per_month as decimal(28, 9)) as revenue_usd
    from months
    inner join revenue
        on months.month >= revenue.valid_from
        and months.month < revenue.valid_to

)

select * from final
