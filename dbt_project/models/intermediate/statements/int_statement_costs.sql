{#- Lines of the statements of open months, in whole cents that sum to the bill. -#}

{%- set ties = ["member", "line", "adjusted_line", "original_month", "pool", "provider"] %}

with chargeback as (

    select * from {{ ref("fct_chargeback") }} where close_number is null

),

by_kind as (

    {% for kind, column in member_kinds().items() -%}
    select
        month, '{{ kind }}' as kind, {{ column }} as member, line, adjusted_line, original_month,
        pool, provider, charge_usd
    from chargeback
    {{ "union all" if not loop.last }}
    {% endfor %}
),

lines as (

    select
        * exclude (charge_usd),
        cast(sum(charge_usd) as decimal(28, 12)) as exact_usd
    from by_kind
    group by all

),

in_usd as (

    select * from {{ whole_cents("lines", ["month", "kind"], ties) }} as in_cents

),

converted as (

    -- at one rate for the month, which the statement shows
    select
        in_usd.*,
        rates.reporting_currency,
        cast(in_usd.exact_usd * rates.reporting_rate as decimal(28, 12)) as exact_reporting
    from in_usd
    left join {{ ref("dim_periods") }} as rates
        on in_usd.month = rates.month
        and rates.reporting_currency <> 'USD'

),

final as (

    select * exclude (exact_reporting)
    from {{ whole_cents("converted", ["month", "kind"], ties, "exact_reporting",
        "reporting_amount") }} as in_cents

)

select * from final
