{#-
    Predicate: the same key was there before, which is what an ideal cache, without limits of size
    and lifetime, would have answered. `moment` orders what has the key.
-#}
{% macro seen_before(key, moment) -%}
    row_number() over (partition by {{ key }} order by {{ moment }}) > 1
{%- endmacro %}
