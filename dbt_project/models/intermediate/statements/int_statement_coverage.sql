{#- How much of an open month's charge rests on what is not known, or not final. -#}

with chargeback as (

    select * from {{ ref("fct_chargeback") }} where close_number is null

),

run as (

    select as_of_day from {{ ref("stg_lake__run_context") }}

),

unsettled as (

    select charges.charge_month as month, sum(charges.charge_usd) as amount_usd
    from {{ ref("fct_charges_daily") }} as charges
    cross join run
    where charges.utc_day > run.as_of_day - {{ tie_out_limit("lag_days", "charges.provider") }}
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
            "charge of calls without a price": "line = 'calls without a price'",
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

parts as (

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

final as (

    select
        month,
        name,
        cast(round(amount_usd, 2) as decimal(18, 2)) as amount_usd,
        {{ ratio("amount_usd", "total_usd") }} as share_ratio
    from parts

)

select * from final
