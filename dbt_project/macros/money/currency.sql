{#-
    An amount of a bill in US dollars, as decimal(28, 12). Dollars pass as they are; by the bill's
    own rate (units for one dollar) it is a quotient of whole units of 10^-12, by the workspace's a
    product of 24 exact decimals: both rounded once, half away from zero.
-#}
{% macro in_usd(amount, currency="billing_currency", usd_rate="fx_rate",
    units_per_usd="units_per_usd") -%}
    {%- set unit = "1000000000000" -%}
    {%- set rate = "cast(" ~ units_per_usd ~ " * " ~ unit ~ " as hugeint)" -%}
    case
        when {{ currency }} = 'USD' then {{ amount }}
        when {{ units_per_usd }} > 0 then cast(
            sign({{ amount }}) * cast(
                (cast(abs({{ amount }}) * {{ unit }} as hugeint) * {{ unit }} * 2 + {{ rate }})
                    // (2 * {{ rate }}) as decimal(26, 0)
            ) * cast(0.000000000001 as decimal(12, 12)) as decimal(28, 12)
        )
        else cast({{ amount }} * {{ usd_rate }} as decimal(28, 12))
    end
{%- endmacro %}

{#-
    Units of a currency for one dollar, from dollars for one unit: the reciprocal, rounded once to
    twelve decimals, half up. In whole units of 10^-12, because DuckDB divides decimals inexactly.
-#}
{% macro units_per_usd(usd_rate) -%}
    {%- set units = "cast(" ~ usd_rate ~ " * 1000000000000 as hugeint)" -%}
    cast(
        cast((2000000000000000000000000 + {{ units }}) // (2 * {{ units }}) as decimal(26, 0))
        * cast(0.000000000001 as decimal(12, 12)) as decimal(28, 12)
    )
{%- endmacro %}

{#- A bill line's dollars, and the rate they rest on: its own where it states one. -#}
{% macro amounts_in_usd(charges, rates) -%}
    {%- set currency = charges ~ ".billing_currency" -%}
    {%- set own = charges ~ ".x_units_per_usd" -%}
    {% for column, name in [("billed_cost", "charge_usd"), ("effective_cost", "effective_usd")] -%}
    {{ in_usd(charges ~ "." ~ column, currency, rates ~ ".usd", own) }} as {{ name }},
    {% endfor -%}
    case when {{ currency }} = 'USD' then cast(1 as decimal(18, 12))
        when {{ own }} > 0 then cast({{ units_per_usd(own) }} as decimal(18, 12))
        else {{ rates }}.usd end as fx_rate,
    case when {{ currency }} = 'USD' then null
        when {{ own }} > 0 then {{ charges }}.utc_day
        else {{ rates }}.rate_day end as fx_rate_day,
    case when {{ currency }} = 'USD' then null
        when {{ own }} > 0 then 'bill'
        else {{ rates }}.rate_source end as fx_rate_source,
    case when {{ currency }} <> 'USD' and {{ own }} > 0 then {{ own }} end as units_per_usd
{%- endmacro %}

{#-
    The cost that a source states of a call, in US dollars: what it states in dollars, else its
    amount at the rate of the call's UTC day, a product of 21 exact decimals that is rounded once.
-#}
{% macro reported_in_usd(calls, rates) -%}
    case
        when {{ calls }}.reported_cost_usd is not null then {{ calls }}.reported_cost_usd
        when {{ calls }}.reported_currency = 'USD' then {{ calls }}.reported_cost
        else try_cast({{ calls }}.reported_cost * {{ rates }}.usd as decimal(18, 9))
    end
{%- endmacro %}
