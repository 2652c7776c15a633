{#-
    Tasks of `fct_tasks` on both cost bases, estimate and reported: one row each, whose columns of
    money are those of its basis.
-#}
{% macro on_both_cost_bases(tasks) -%}
    select
        {{ tasks }}.*,
        bases.cost_basis,
        {% for column, (estimate, reported) in {
            "cost_usd": ("estimate_usd", "reported_usd"),
            "failed_attempts_usd":
                ("failed_attempts_estimate_usd", "failed_attempts_reported_usd"),
            "aborted_attempts_usd": ("aborted_estimate_usd", "aborted_reported_usd"),
            "duplicate_attempts_usd": ("duplicate_estimate_usd", "duplicate_reported_usd"),
            "superseded_attempts_usd": ("superseded_estimate_usd", "superseded_reported_usd"),
            "judging_usd": ("evaluation_estimate_usd", "evaluation_reported_usd"),
            "uncosted_calls": ("unpriced_calls", "unreported_calls"),
            "uncosted_evaluations":
                ("unpriced_evaluation_calls", "unreported_evaluation_calls"),
        }.items() -%}
        case bases.cost_basis
            when 'estimate' then {{ tasks }}.{{ estimate }}
            else {{ tasks }}.{{ reported }}
        end as {{ column }}{{ "," if not loop.last }}
        {% endfor -%}
    from {{ tasks }}
    cross join (values ('estimate'), ('reported')) as bases (cost_basis)
{%- endmacro %}

{#-
    Rows of `fct_task_charges` by a month (`closed_month`, or `charge_month` of the bill), of all
    and by some of the dimensions of closed tasks: what the bill charges, what has no bill yet, and
    how much of both together is of tasks that closed in another month, or of no closed task.
-#}
{% macro task_charges_by(month, dimensions=[]) -%}
    {%- set columns = task_dimensions() -%}
    select
        {{ month }} as month,
        {% for dimension in dimensions -%}
        if(grouping({{ columns[dimension] }}) = 0, '{{ dimension }}', {{ "" }}
        {%- endfor %}'all'{{ ")" * dimensions | length }} as dimension,
        coalesce(
            {%- for dimension in dimensions -%}
            {{ columns[dimension] }}, {% endfor %}'all') as member,
        sum(charge_usd) as charge_usd,
        sum(unbilled_usd) as unbilled_usd,
        coalesce(sum(charge_usd + unbilled_usd) filter (where closed_month <> charge_month), 0)
            as other_months_usd,
        coalesce(sum(charge_usd + unbilled_usd) filter (where closed_month is null), 0)
            as no_closed_task_usd
    from {{ ref("fct_task_charges") }}
    where {{ month }} is not null
    group by grouping sets (
        ({{ month }})
        {%- for dimension in dimensions -%}
        , ({{ month }}, {{ columns[dimension] }})
        {%- endfor %}
    )
{%- endmacro %}
