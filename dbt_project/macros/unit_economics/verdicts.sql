{#-
    What an evaluation says under the rule of its task's type: the source's own word, or the outcome
    that its settings make of it, where the rule does not name the word.
-#}
{% macro ruled_outcome(evaluations, types) -%}
    {%- set word = "lower(coalesce(" ~ evaluations ~ ".outcome_label, "
        ~ evaluations ~ ".outcome))" -%}
    case
        {% for verdict in ["success", "failure", "neutral"] -%}
        when list_contains({{ types }}.{{ verdict }}, {{ word }}) then '{{ verdict }}'
        {% endfor -%}
        else {{ evaluations }}.outcome
    end
{%- endmacro %}

{#-
    When an evaluation reopens a success that had held for the days of its type's rule; of one
    moment the less flattering word comes last.
-#}
{% macro reversal_at() -%}
    {%- set before = "over (partition by task_id, evaluator_rank, outcome = 'pending'"
        ~ " order by judged_at, outcome desc)" -%}
    case
        when outcome = 'reopened'
            and lag(outcome) {{ before }} = 'success'
            and judged_at >= lag(judged_at) {{ before }} + hold_days * interval 1 day
        then judged_at
    end
{%- endmacro %}

{#- An evaluation moves the verdict unless it waits, or comes after a success that held. -#}
{% macro can_decide() -%}
    (outcome <> 'pending' and coalesce(judged_at < reversed_at, true))
{%- endmacro %}

{#- The newest score of the highest judge who states one; of one moment the lower. -#}
{% macro deciding_score() -%}
    arg_min(score, (evaluator_rank, -epoch_us(judged_at), score)) filter (where score is not null)
        over (partition by task_id)
{%- endmacro %}

{#- A success below the floor of its type's scores is none; reopened is a failure. -#}
{% macro verdict_of_decided() -%}
    case
        when not is_decided then null
        when outcome = 'success' and not is_below_floor then 'success'
        when outcome = 'neutral' then 'neutral'
        else 'failure'
    end
{%- endmacro %}

{#- Successes that were reversed after they had held, on the days of that: they cost nothing. -#}
{% macro reversals(grain) -%}
    select
        task_type,
        feature,
        tenant_id,
        team_tag,
        models_used,
        api_key_id,
        reversed_date as closed_date,
        'reversal' as status
    from {{ ref("fct_tasks") }}
    where reversed_date is not null and {{ only_days_to_rebuild(grain, "reversed_date") }}
{%- endmacro %}
