{#-
    An amount of a bill in US dollars, as decimal(28, 12). Dollars pass as they are; of another
    currency the product has 24 exact decimals and is rounded once, half away from zero.
-#}
{% macro in_usd(amount, currency, usd_rate) -%}
    case
        when {{ currency }} = 'USD' then {{ amount }}
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
