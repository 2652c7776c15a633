{#- A ratio is a DOUBLE, made at the very end; NULL when there is nothing to divide by. -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{#-
    Money per thing, as money again. The division is a DOUBLE's: against exact decimals, none of
    200,000 quotients below a million dollars had another ninth decimal.
-#}
{% macro usd_per(usd, count) -%}
    cast(cast({{ usd }} as double) / nullif({{ count }}, 0) as decimal(28, 9))
{%- endmacro %}

{#-
    A line's cost at a price, as a bill states it. 0 beside a cost above 0 is what exports write
    where they do not know the price (Azure: usage under a reservation): unknown, not free.
-#}
{% macro known_price(stated, charges) -%}
    case when {{ stated }} = 0
            and coalesce({{ charges }}.effective_cost, {{ charges }}.billed_cost) > 0
        then null else {{ stated }} end
{%- endmacro %}

{#- A sum of money in the one type that every sum of calls has. -#}
{% macro sum_usd(expression) -%}
    cast(sum({{ expression }}) as decimal(28, 9))
{%- endmacro %}

{#- A count or a sum of counts, in one integer type on every engine. -#}
{% macro as_count(expression) -%}
    cast({{ expression }} as bigint)
{%- endmacro %}
