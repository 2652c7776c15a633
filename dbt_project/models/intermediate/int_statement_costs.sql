{#- Lines of the statements of open months, in whole cents that sum to the bill. -#}

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

final as (

    select * from {{ whole_cents("lines", ["month", "kind"], [
        "member", "line", "adjusted_line", "original_month", "pool", "provider",
    ]) }} as in_cents

)

select * from final
