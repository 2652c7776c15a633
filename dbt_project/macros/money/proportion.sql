{#-
    A whole's part of a sum of money: total x part : whole, in whole units of 10^-12 dollars, cut
    towards zero. Integers, because a division of decimals would pass through floating point; a long
    division in two steps, dollars first: exact for 10^12 dollars and wholes of 8 * 10^25.
-#}
{% macro proportion(total, part, whole) -%}
    {%- set unit = "1000000000000" -%}
    {%- set units = "cast(" ~ total ~ " * " ~ unit ~ " as hugeint)" -%}
    {%- set part = "cast(" ~ part ~ " as hugeint)" -%}
    {%- set whole = "nullif(cast(" ~ whole ~ " as hugeint), 0)" -%}
    {%- set dollars = units ~ " // " ~ unit ~ " * " ~ part -%}
    cast(
        {{ dollars }} // {{ whole }} * {{ unit }}
            + ({{ dollars }} % {{ whole }} * {{ unit }} + {{ units }} % {{ unit }} * {{ part }})
            // {{ whole }}
        as decimal(24, 0)
    ) * cast(0.000000000001 as decimal(12, 12))
{%- endmacro %}

{#- A row's part of `total` where rows share it in order: the share so far less that before it. -#}
{% macro running_part(total, so_far, own, whole) -%}
    case when coalesce({{ total }}, 0) = 0 then 0 else
        {{ proportion(total, so_far ~ " * 1000000000", whole ~ " * 1000000000") }}
        - {{ proportion(
            total, "(" ~ so_far ~ " - (" ~ own ~ ")) * 1000000000", whole ~ " * 1000000000"
        ) }}
    end
{%- endmacro %}
