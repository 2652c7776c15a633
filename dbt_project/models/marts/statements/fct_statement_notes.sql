{#- How far a month's statements can be trusted, and what they were made with. -#}
{{ config(materialized="table") }}

with chargeback as (

    select * from {{ ref("fct_chargeback") }} where close_number is null

),

open_months as (

    select distinct month from chargeback -- months that have a statement

),

coverage as (

    select * from {{ ref("int_statement_coverage") }}

),

unpriced as (

    select
        open_months.month,
        'coverage' as section,
        'calls without a price' as name,
        {{ ratio("money.unpriced_calls", "money.calls") }} as share_ratio,
        cast(money.unpriced_calls as varchar) as value
    from open_months
    inner join {{ ref("fct_money_monthly") }} as money on open_months.month = money.month

),

versions as (

    select
        open_months.month,
        'version of ' || versions.kind as section,
        versions.name,
        versions.version as value
    from open_months
    cross join {{ ref("stg_lake__versions") }} as versions

),

currency as (

    select
        open_months.month,
        'reporting currency' as section,
        rates.reporting_currency || ' for one USD' as name,
        coalesce(rates.reporting_rate || ', rate of ' || rates.reporting_rate_day, 'no rate')
            as value
    from open_months
    inner join {{ ref("dim_periods") }} as rates
        on open_months.month = rates.month
        and rates.reporting_currency <> 'USD'

),

final as (

    select
        month,
        'coverage' as section,
        name,
        amount_usd,
        share_ratio,
        cast(null as varchar) as value,
        cast(null as bigint) as close_number
    from coverage
    union all by name
    select * from unpriced
    union all by name
    select * from versions
    union all by name
    select * from currency
    union all by name
    select month, section, name, amount_usd, share_ratio, value, close_number
    from {{ ref("stg_closes__statement_notes") }}

)

select * from final
