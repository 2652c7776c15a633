{#-
    Lines of the statements of open months, in whole cents: those of each kind of member sum to what
    the invoices of each provider are credited with. Rule: DECISIONS.md, `amount_usd`.
-#}

{%- set whole = ["month", "kind", "provider"] %}
{%- set ties = ["member", "line", "adjusted_line", "original_month", "pool"] %}

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

credited as (

    -- cents of the invoices first: the lines of a provider sum to what the journal credits it with
    select
        month,
        provider,
        sum(amount_usd) as credited_usd,
        sum(reporting_amount) as credited_reporting
    from {{ ref("fct_clearing_lines") }}
    where close_number is null
    group by month, provider

),

lines as (

    select
        * exclude (charge_usd),
        cast(sum(charge_usd) as decimal(28, 12)) as exact_usd
    from by_kind
    group by all

),

kinds as (

    select unnest({{ member_kinds() | list }}) as kind

),

without_lines as (

    -- an invoice of a closed month that got its number may be a cent off, and nobody's line moved
    select
        credited.month,
        kinds.kind,
        'rounding' as line,
        credited.month as original_month,
        credited.provider,
        cast(0 as decimal(28, 12)) as exact_usd
    from credited
    cross join kinds
    anti join lines
        on credited.month = lines.month
        and credited.provider is not distinct from lines.provider
        and kinds.kind = lines.kind
    where credited.credited_usd <> 0

),

all_lines as (

    select * from lines
    union all by name
    select * from without_lines

),

with_totals as (

    select
        all_lines.*,
        rates.reporting_currency,
        coalesce(credited.credited_usd, 0) as credited_usd,
        cast(all_lines.exact_usd * rates.reporting_rate as decimal(28, 12)) as exact_reporting,
        case when rates.month is not null then coalesce(credited.credited_reporting, 0) end
            as credited_reporting
    from all_lines
    left join credited
        on all_lines.month = credited.month
        and all_lines.provider is not distinct from credited.provider
    left join {{ ref("dim_periods") }} as rates
        on all_lines.month = rates.month
        and rates.reporting_currency <> 'USD'

),

in_usd as (

    select * from {{ whole_cents("with_totals", whole, ties, "credited_usd") }} as in_cents

),

final as (

    select * exclude (exact_reporting, credited_usd, credited_reporting)
    from {{ whole_cents("in_usd", whole, ties, "credited_reporting", "exact_reporting",
        "reporting_amount") }} as in_cents

)

select * from final
