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

{#-
    Bound of the 95 % interval of a count of successes among some trials (Wilson 1927), in trials:
    it stays within 0 and the trials, and is wide where they are few. `side` is low or high.
-#}
{% macro wilson_count(successes, trials, side) -%}
    {%- set z = "1.959963985" -%}
    {%- set p = "cast(" ~ successes ~ " as double) / " ~ trials -%}
    {%- set sign = "-" if side == "low" else "+" -%}
    cast(greatest(0, least({{ trials }}, {{ trials }} * (
        {{ p }} + {{ z }} * {{ z }} / (2 * {{ trials }})
        {{ sign }} {{ z }} * sqrt(
            ({{ p }} * (1 - {{ p }}) + {{ z }} * {{ z }} / (4 * {{ trials }})) / {{ trials }}
        )
    ) / (1 + {{ z }} * {{ z }} / {{ trials }}))) as decimal(18, 3))
{%- endmacro %}

{#- Of an amount what it is compared with, {name: amount}, and the change against it. -#}
{% macro beside_others(now, others, suffix="_usd") -%}
    {%- for name, other in others.items() %}
        cast({{ other }} as decimal(28, 9)) as {{ name }}{{ suffix }},
        {{ ratio(now ~ " - " ~ other, other) }} as {{ name }}_change_ratio
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
