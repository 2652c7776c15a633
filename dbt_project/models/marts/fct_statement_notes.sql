{#- How far a month's statements can be trusted, and what they were made with. -#}
{{ config(materialized="table") }}

with chargeback as (

    select * from {{ ref("fct_chargeback") }} where close_number is null

),

open_months as (

    select distinct month from chargeback -- months that have a statement

),

run as (

    select as_of_day from {{ ref("stg_lake__run_context") }}

),

unsettled as (

    select charges.charge_month as month, sum(charges.charge_usd) as amount_usd
    from {{ ref("fct_charges_daily") }} as charges
    cross join run
    where charges.utc_day > run.as_of_day - {{ var("billing_lag_days") }}
    group by charges.charge_month

),

shares as (

    select
        month,
        sum(charge_usd) as total_usd,
        {% set lines = {
            "no feature": "line = 'usage' and feature is null",
            "no tenant": "line = 'usage' and tenant_id is null",
            "no cost centre": "cost_centre is null",
            "not seen by the gateway": "line = 'not seen by the gateway'",
            "no matching calls": "line = 'no matching calls'",
            "spread by estimate": "line = 'usage'",
            "adjustments of closed months": "line = 'adjustment'",
        } -%}
        [
            {%- for name, condition in lines.items() %}
            {
                'name': '{{ name }}',
                'amount_usd': coalesce(sum(charge_usd) filter ({{ condition }}), 0)
            }{{ "," if not loop.last }}
            {%- endfor %}
        ] as parts
    from chargeback
    group by month

),

coverage as (

    select listed.month, listed.total_usd, listed.part.name, listed.part.amount_usd
    from (select month, total_usd, unnest(parts) as part from shares) as listed
    union all by name
    select
        shares.month,
        shares.total_usd,
        'not settled' as name,
        coalesce(unsettled.amount_usd, 0) as amount_usd
    from shares
    left join unsettled on shares.month = unsettled.month

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

final as (

    select
        month,
        'coverage' as section,
        name,
        cast(round(amount_usd, 2) as decimal(18, 2)) as amount_usd,
        {{ ratio("amount_usd", "total_usd") }} as share_ratio,
        cast(null as varchar) as value,
        cast(null as bigint) as close_number
    from coverage
    union all by name
    select * from unpriced
    union all by name
    select * from versions
    union all by name
    select month, section, name, amount_usd, share_ratio, value, close_number
    from {{ ref("stg_closes__statement_notes") }}

)

select * from final
