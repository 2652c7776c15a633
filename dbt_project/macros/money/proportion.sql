{#-
    A whole's part of a sum of money: total x part : whole, in whole units of 10^-12 dollars, cut
    towards zero. Integers, because a division of decimals would pass through floating point.
-#}
{% macro proportion(total, part, whole) -%}
    cast(
        cast({{ total }} * 1000000000000 as hugeint) * cast({{ part }} as hugeint)
            // nullif(cast({{ whole }} as hugeint), 0)
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
