{#-
    The cells of a bridge: one token class of one model, or one tool, in one feature, in both
    periods side by side (`_0` before, `_1` after), with the quantities that its cost is made of.

    `sides`: rows of `fct_task_costs_daily` with `side`, 0 or 1, and the columns of `keys`, which
    name a comparison. A cell of a tool has no model to choose and no tokens: there those
    quantities are its priced calls, so that nothing moves between them.
-#}
{% macro bridge_cells(sides, keys) -%}
    {%- set keyed = keys | join(", ") -%}
    {%- set classes = token_classes() -%}
    with items as (

        select
            {{ keyed }},
            feature,
            cost_kind,
            coalesce(model_id, tool_name) as item,
            {% for side in [0, 1] -%}
            {% for column, expression in {
                "tasks": "tasks", "successes": "successes", "calls": "calls",
                "provider_calls": "calls - cached_calls",
                "priced_calls": "calls - cached_calls - unpriced_calls",
                "tokens": classes | join("_tokens + ") ~ "_tokens",
                "usd": "estimate_usd",
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
        from {{ sides }}
        group by all

    ),

    framed as (

        select
            *,
            {% for side in [0, 1] -%}
            sum(usd_{{ side }}) over (partition by {{ keyed }}) as all_usd_{{ side }},
            {% for column in ["tasks", "successes"] -%}
            sum({{ column }}_{{ side }}) over (partition by {{ keyed }})
                as all_{{ column }}_{{ side }},
            sum({{ column }}_{{ side }}) over (partition by {{ keyed }}, feature)
                as feature_{{ column }}_{{ side }},
            {% endfor -%}
            {% for column in ["calls", "provider_calls", "priced_calls"] -%}
            -- of all models, or of the one tool
            sum({{ column }}_{{ side }}) over (
                partition by {{ keyed }}, feature, cost_kind,
                    case when cost_kind = 'tool' then item end
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
                "all_tasks", "all_successes", "all_usd", "feature_tasks", "feature_successes",
                "kind_calls", "kind_provider_calls", "kind_priced_calls", "priced_calls",
            ] -%}
            framed.{{ column }}_{{ side }},
            {% endfor -%}
            case when framed.cost_kind = 'tool' then priced_calls_{{ side }}
                else tokens_{{ side }} end as tokens_{{ side }},
            case classes.token_class
                {% for c in classes -%}
                when '{{ c }}' then {{ c }}_tokens_{{ side }}
                {% endfor -%}
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
            ('tool', 'call'), ('task', 'none')
        ) as classes (cost_kind, token_class) on framed.cost_kind = classes.cost_kind

    )

    select * from final
{%- endmacro %}
