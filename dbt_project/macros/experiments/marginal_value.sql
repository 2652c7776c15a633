{#-
    What one way of working buys over another, of tasks that nobody gave to either at random. Rules:
    DECISIONS.md, `further_success_usd`.
-#}

{#- Units (tenants) on each side below which nothing is concluded. -#}
{% macro fewest_units() -%}4{%- endmacro %}

{#- Over units: how many, sums of tasks t, judged n, successes s and cost c, and of products. -#}
{% macro sums_over_units() -%}
    count(*) as m,
        {% for one in ["n", "s", "c", "t"] -%}
        sum({{ one }}) as {{ one }},
        sum({{ one }} * {{ one }}) as {{ one }}{{ one }},
        {% endfor -%}
        sum(s * n) as sn,
        sum(c * s) as cs,
        sum(c * t) as ct
{%- endmacro %}

{#- The names that `sums_over_units` gives. -#}
{% macro unit_sums() -%}
    {{ return(["m", "n", "s", "c", "t", "nn", "ss", "cc", "tt", "sn", "cs", "ct"]) }}
{%- endmacro %}

{#-
    Variance of a success rate by units, and never less than that of as many single tosses: few
    units agree by chance, and where none succeeds, or all do, they agree for certain.
-#}
{% macro success_variance(side) -%}
    {%- set s = "s_" ~ side -%}
    {%- set n = "n_" ~ side -%}
    greatest(
        {{ rate_variance(side) }},
        {{ ratio(
            "(" ~ s ~ " + 1) * (" ~ n ~ " - " ~ s ~ " + 1)",
            n ~ " * (" ~ n ~ " + 2) * (" ~ n ~ " + 2)"
        ) }}
    )
{%- endmacro %}

{#-
    Sides 0 and 1 of each comparison with what 1 costs and gains beside 0, and bounds of both. Side
    0 of `is_beside_nothing` is to have stopped, which costs nothing and gains none.

    sides: a relation with `unit_sums` of both sides, `worth_usd` (of a success, or NULL),
    `is_choice` and `is_beside_nothing`.
-#}
{% macro marginal_values(sides) -%}
    with rates as (

        select
            *,
            {% for side in [0, 1] -%}
            {% set nothing = "is_beside_nothing and " ~ (side == 0) | lower -%}
            case when {{ nothing }} then 0 else {{ ratio("s_" ~ side, "n_" ~ side) }} end
                as p_{{ side }},
            case when {{ nothing }} then 0 else {{ unrounded("c_" ~ side, "t_" ~ side) }} end
                as k_{{ side }},
            {% endfor -%}
            least(case when is_beside_nothing then m_1 else m_0 end, m_1) as units,
            least(case when is_beside_nothing then n_1 else n_0 end, n_1) as fewest
        from {{ sides }}

    ),

    differences as (

        select
            *,
            p_1 - p_0 as gained,
            k_1 - k_0 as extra,
            {% for name, variances in {
                "gained": [success_variance(0), success_variance(1)],
                "extra": [rate_variance(0, "c", "t", "k"), rate_variance(1, "c", "t", "k")],
            }.items() -%}
            case when units >= {{ fewest_units() }} and fewest >= {{ fewest_tasks() }}
                then {{ interval_width("units") }} * sqrt(greatest(0,
                    case when is_beside_nothing then 0 else {{ variances[0] }} end
                    + {{ variances[1] }}
                )) end as {{ name }}_width{{ "," if not loop.last }}
            {% endfor %}
        from rates

    )

    select
        *,
        gained - gained_width as gained_low,
        gained + gained_width as gained_high,
        extra - extra_width as extra_low,
        extra + extra_width as extra_high,
        -- whoever pays for a success takes it to be worth that
        coalesce({{ unrounded("worth_usd") }}, {{ unrounded("c_0", "s_0") }}) as least_worth
    from differences
{%- endmacro %}

{#- What the bounds prove; nothing is divided, so that no sign turns a comparison around. -#}
{% macro marginal_verdict() -%}
    case
        when not is_choice then 'no choice'
        when gained_width is null then 'no data'
        when least_worth * gained_low > extra_high then 'worth it'
        when extra_low > 0
            and (gained_high <= 0 or {{ unrounded("worth_usd") }} * gained_high < extra_low)
            then 'costs more than it brings'
        else 'not proven'
    end
{%- endmacro %}
