{#-
    What each version of a prompt in a task type and model saved a month by the tokens of a call
    that it has fewer, or cost by more: `prompt_slimming`, with `low_slimming` and `high_slimming`.
    Rule: DECISIONS.md, `saved_usd`. `costs`: rows of `fct_task_costs_daily`.

    The change is measured once, around the release: the version's first days against the last of
    the version before. Prices are those that its input of the month had, by token class.
-#}
{% macro slimming_by_version(costs) -%}
    {%- set classes = token_classes("input") -%}
    {%- set tokens = classes | join("_tokens + ") ~ "_tokens" -%}
    {%- set cell = ["feature", "task_type", "model_id", "prompt_version"] -%}
    with days as (

        select
            {{ cell | join(", ") }},
            closed_date,
            charge_month,
            sum(calls - cached_calls - unpriced_calls) as n,
            sum({{ tokens }}) as k,
            {% for c in classes -%}
            sum({{ c }}_tokens) as {{ c }}_tokens,
            {{ sum_usd(c ~ "_usd") }} as {{ c }}_usd{{ "," if not loop.last }}
            {% endfor %}
        from {{ costs }}
        where cost_kind = 'model' and prompt_version <> 'unattributed'
        group by {{ cell | join(", ") }}, closed_date, charge_month

    ),

    versions as (

        select
            {{ cell | join(", ") }},
            min(closed_date) as first_date,
            lag(prompt_version) over (
                partition by feature, task_type, model_id order by min(closed_date), prompt_version
            ) as previous_version
        from days
        group by {{ cell | join(", ") }}

    ),

    sides as (

        select
            versions.* exclude (previous_version),
            (days.prompt_version = versions.prompt_version)::integer as side,
            days.closed_date,
            sum(days.n) as n,
            sum(days.k) as k,
            {% for c in classes -%}
            sum(days.{{ c }}_tokens) as {{ c }}_tokens{{ "," if not loop.last }}
            {% endfor %}
        from versions
        inner join days
            on versions.feature = days.feature
            and versions.task_type = days.task_type
            and versions.model_id = days.model_id
            and days.prompt_version in (versions.prompt_version, versions.previous_version)
            and days.closed_date >= versions.first_date
                - case days.prompt_version when versions.prompt_version then 0 else 14 end
            and days.closed_date < versions.first_date
                + case days.prompt_version when versions.prompt_version then 14 else 0 end
        where versions.previous_version is not null
        group by all

    ),

    measured as (

        select
            {{ cell | join(", ") }},
            {% for side in [0, 1] -%}
            {%- set of_side = " filter (where side = " ~ side ~ ")" -%}
            count(*){{ of_side }} as m_{{ side }},
            sum(n){{ of_side }} as n_{{ side }},
            sum(n * n){{ of_side }} as nn_{{ side }},
            {{ unrounded("sum(k)" ~ of_side) }} as k_{{ side }},
            {{ unrounded("sum(k * k)" ~ of_side) }} as kk_{{ side }},
            {{ unrounded("sum(k * n)" ~ of_side) }} as kn_{{ side }},
            {{ ratio("sum(k)" ~ of_side, "sum(n)" ~ of_side) }} as r_{{ side }},
            {% for c in classes -%}
            {{ ratio("sum(" ~ c ~ "_tokens)" ~ of_side, "sum(n)" ~ of_side) }}
                as {{ c }}_{{ side }}{{ "," if not (loop.last and side == 1) }}
            {% endfor -%}
            {% endfor %}
        from sides
        group by {{ cell | join(", ") }}

    ),

    {{ slimming_effects("measured", cell, classes) }}
{%- endmacro %}

{#- The same of all versions. -#}
{% macro slimming_by_month(costs) -%}
    select
        month,
        {% for name in ["prompt_slimming", "low_slimming", "high_slimming"] -%}
        sum({{ name }}) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from ({{ slimming_by_version(costs) }}) as versions
    group by month
{%- endmacro %}
