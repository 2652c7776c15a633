{#-
    The cells of a bridge in both periods (`_0` before, `_1` after), with the quantities that cost
    is made of: a token class of a model, a tool, or people's work on a task type, in a feature.
    Of a tool, tokens are its priced calls, so that nothing moves between them; of people's work,
    calls are tasks, priced ones those of which it is known, and tokens minutes. `sides`: rows of
    `fct_task_costs_daily` with `side`, 0 or 1, and the `keys` of a comparison.
-#}
{% macro bridge_cells(sides, keys) -%}
    {%- set keyed = keys | join(", ") -%}
    {%- set classes = token_classes() -%}
    with spent as (

        {{ with_human_work(sides, keys) }}

    ),

    items as (

        select
            {{ keyed }},
            feature,
            cost_kind,
            item,
            {% for side in [0, 1] -%}
            {% for column, expression in {
                "tasks": "tasks", "successes": "successes", "calls": "calls",
                "provider_calls": "calls - cached_calls",
                "priced_calls": "calls - cached_calls - unpriced_calls",
                "tokens": classes | join("_tokens + ") ~ "_tokens",
                "minutes": "human_minutes",
                "usd": "usd",
            }.items() -%}
            coalesce(sum({{ expression }}) filter (where side = {{ side }}), 0)
                as {{ column }}_{{ side }},
            {% endfor -%}
            {% for c in classes -%}
            coalesce(sum({{ c }}_tokens) filter (where side = {{ side }}), 0)
                as {{ c }}_tokens_{{ side }},
            coalesce(sum({{ c }}_usd) filter (where side = {{ side }}), 0) as {{ c }}_usd_{{ side }}
            {{- "," if not loop.last }}
            {% endfor -%}
            {{ "," if side == 0 }}
            {% endfor %}
        from spent
        group by all

    ),

    framed as (

        select
            *,
            {% for side in [0, 1] -%}
            {% for column in ["usd", "tasks", "successes"] -%}
            sum({{ column }}_{{ side }}) filter (where cost_kind <> 'human')
                over (partition by {{ keyed }}) as all_{{ column }}_{{ side }},
            {% endfor -%}
            sum(usd_{{ side }}) over (partition by {{ keyed }}) as with_people_usd_{{ side }},
            {% for column in ["tasks", "successes"] -%}
            -- of the feature; of people's work, of the task type in it
            sum({{ column }}_{{ side }}) over (
                partition by {{ keyed }}, feature, case when cost_kind = 'human' then item end
            ) as feature_{{ column }}_{{ side }},
            {% endfor -%}
            {% for column in ["calls", "provider_calls", "priced_calls"] -%}
            -- of all models, of the one tool, of the task type
            sum({{ column }}_{{ side }}) over (
                partition by {{ keyed }}, feature, cost_kind,
                    case when cost_kind in ('tool', 'human') then item end
            ) as kind_{{ column }}_{{ side }}
            {{- "," if not loop.last }}
            {% endfor -%}
            {{ "," if side == 0 }}
            {% endfor %}
        from items

    ),

    final as (

        select
            {{ keyed }},
            framed.cost_kind,
            {% for side in [0, 1] -%}
            {% for column in [
                "all_tasks", "all_successes", "all_usd", "with_people_usd", "feature_tasks",
                "feature_successes", "kind_calls", "kind_provider_calls", "kind_priced_calls",
                "priced_calls",
            ] -%}
            framed.{{ column }}_{{ side }},
            {% endfor -%}
            case framed.cost_kind when 'tool' then priced_calls_{{ side }}
                when 'human' then minutes_{{ side }} else tokens_{{ side }} end
                as tokens_{{ side }},
            case classes.token_class
                {% for c in classes -%}
                when '{{ c }}' then {{ c }}_tokens_{{ side }}
                {% endfor -%}
                when 'minute' then minutes_{{ side }}
                else priced_calls_{{ side }}
            end as class_tokens_{{ side }},
            case classes.token_class
                {% for c in classes -%}
                when '{{ c }}' then {{ c }}_usd_{{ side }}
                {% endfor -%}
                else usd_{{ side }}
            end as usd_{{ side }}
            {{- "," if side == 0 }}
            {% endfor %}
        from framed
        -- a task of which no call is known has a cell that costs nothing
        inner join (
            values {% for c in classes %}('model', '{{ c }}'), {% endfor %}
            ('tool', 'call'), ('task', 'none'), ('human', 'minute')
        ) as classes (cost_kind, token_class) on framed.cost_kind = classes.cost_kind

    )

    select * from final
{%- endmacro %}
