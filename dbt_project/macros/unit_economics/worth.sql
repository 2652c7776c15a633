{#- People's work on a task, and what its success is worth by its type; NULL where nobody says. -#}
{% macro worth_of_decided() -%}
    coalesce(stated_minutes, expected_minutes) as human_minutes,
        {{ usd_per("coalesce(stated_minutes, expected_minutes) * human_usd_per_hour", 60) }}
            as human_usd,
        {% for column in ["value", "baseline"] -%}
        cast(case
            when verdict = 'success' then {{ column }}_of_success_usd
            when {{ column }}_of_success_usd is not null then 0
        end as decimal(28, 9)) as {{ column }}_usd{{ "," if not loop.last }}
        {% endfor -%}
{%- endmacro %}

{#-
    Money of tasks less what the same tasks cost, people's work too where it is stated; a task of
    which either is unknown stands on neither side.
-#}
{% macro above_cost(usd) -%}
    {{ sum_usd(usd ~ " - cost_usd - coalesce(human_usd, 0)") }}
{%- endmacro %}
