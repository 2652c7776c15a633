{#- Ways to answer a task that can be compared. Rules: DECISIONS.md, `strategy`. -#}

{#- How the answers of a task came about, the first that holds. -#}
{% macro strategy_of(answered) -%}
    case
        when {{ answered }}.task_id is null then 'no_answer'
        when {{ answered }}.samples > 1 then 'voting'
        when {{ answered }}.is_fallback then 'fallback'
        when {{ answered }}.is_cached then 'cached'
        when {{ answered }}.answers = 1 then 'single'
        when {{ answered }}.is_climbing then 'draft_polish'
        else 'loop'
    end
{%- endmacro %}


{#- Whose tasks are alike: a tenant's; where nobody is named, those that closed on one day. -#}
{% macro unit_of_tasks() -%}
    case when tenant_id = 'unattributed' then cast(closed_date as varchar) else tenant_id end
{%- endmacro %}

{#- Closed tasks by strategy, by samples of a vote, and by the tier of all their answers. -#}
{% macro alternatives_of_tasks(tasks) -%}
    {%- set by = {
        "strategy": ["true", "case strategy when 'voting' then 'vote of ' || samples"
            ~ " else " ~ strategy_words() ~ " end", "samples"],
        "samples": ["strategy in ('single', 'voting')",
            "case samples when 1 then '1 sample' else samples || ' samples' end", "samples"],
        "model_tier": ["strategy in ('single', 'loop') and model_tier in ('small', 'mid', 'large')",
            "model_tier || ' model'", "list_position(['small', 'mid', 'large'], model_tier)"],
    } -%}
    {%- for comparison, (condition, alternative, position) in by.items() %}
    select
        '{{ comparison }}' as comparison,
        task_type,
        feature,
        {{ alternative }} as alternative,
        cast({{ position }} as bigint) as position,
        strategy not in ('fallback', 'cached', 'no_answer') as is_choice,
        unit_id,
        tasks,
        judged_tasks,
        successes,
        estimate_usd,
        further_samples_usd,
        unpriced_calls
    from {{ tasks }}
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro strategy_words() -%}
    case strategy
        when 'single' then 'single call'
        when 'draft_polish' then 'draft, then polish'
        when 'fallback' then 'with a fallback'
        when 'cached' then 'from a cache'
        when 'no_answer' then 'no answer'
        else strategy
    end
{%- endmacro %}

{#-
    Tasks that reached each step, with all that they took from there on: whoever stops before it has
    none of their successes. Samples of a vote are no steps.
-#}
{% macro alternatives_of_steps(steps, tasks) -%}
    select
        'step' as comparison,
        task_type,
        feature,
        'step ' || step || ' and on' as alternative,
        step as position,
        true as is_choice,
        unit_id,
        sum(sum(tasks_ended)) over deeper as tasks,
        sum(sum(tasks_ended)) over deeper as judged_tasks,
        sum(sum(successes_ended)) over deeper as successes,
        sum(sum(estimate_usd)) over deeper as estimate_usd,
        0 as further_samples_usd,
        sum(sum(unpriced_calls)) over deeper as unpriced_calls
    from {{ steps }}
    where (task_type, feature) not in (
        select (task_type, feature) from {{ tasks }} where strategy = 'voting'
    )
    group by task_type, feature, unit_id, step
    window deeper as (
        partition by task_type, feature, unit_id order by step
        rows between current row and unbounded following
    )
{%- endmacro %}
