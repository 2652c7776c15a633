{#-
    What a look at two variants may conclude, on sums by variant: tasks n, successes s, cost c, and
    over its units (who is given a variant at random) the sums of their squares and products.
-#}

{#-
    Variance of a rate by units, successes by task unless others are named: the sum of squared
    influences, with m units. `ss` is the sum of squares over units, `sn` that of products.
-#}
{% macro rate_variance(side, of="s", over="n", rate="p") -%}
    {%- set p = rate ~ "_" ~ side -%}
    {%- set n = over ~ "_" ~ side -%}
    ({{ of }}{{ of }}_{{ side }} - 2 * {{ p }} * {{ of }}{{ over }}_{{ side }}
        + {{ p }} * {{ p }} * {{ over }}{{ over }}_{{ side }})
    / ({{ n }} * {{ n }}) * m_{{ side }} / nullif(m_{{ side }} - 1, 0)
{%- endmacro %}

{#- Variance of ln(c / s) by units: the delta method, failed tasks' cost included. -#}
{% macro log_cost_variance(side) -%}
    (
        cc_{{ side }} / nullif(c_{{ side }} * c_{{ side }}, 0)
        - 2 * cs_{{ side }} / nullif(c_{{ side }} * s_{{ side }}, 0)
        + ss_{{ side }} / nullif(s_{{ side }} * s_{{ side }}, 0)
    ) * m_{{ side }} / nullif(m_{{ side }} - 1, 0)
{%- endmacro %}

{#-
    Tasks of each variant that prove a margin in 80 of 100 experiments where both are equally good:
    (1.960 + 0.842)^2 x 2 p (1 - p) over the squared margin.
-#}
{% macro tasks_to_prove(rate, margin) -%}
    {%- set per = unrounded(margin) -%}
    {%- set spread = "15.6978 * " ~ rate ~ " * (1 - " ~ rate ~ ")" -%}
    {{ as_count("ceil(" ~ ratio(spread, per ~ " * " ~ per) ~ ")") }}
{%- endmacro %}

{#- Days after a decision at which nobody should begin a task on trial any more. -#}
{% macro lingering_days() -%}3{%- endmacro %}
