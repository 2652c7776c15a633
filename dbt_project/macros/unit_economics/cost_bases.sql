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
