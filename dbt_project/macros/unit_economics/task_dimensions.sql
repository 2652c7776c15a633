{#-
    What closed tasks are known by, with the columns of `fct_tasks` placed in the org tree. Each
    task is of one member of a dimension, so that members sum to `all`.
-#}
{% macro task_dimensions() -%}
    {{ return({
        "all": "'all'",
        "task_type": "task_type",
        "feature": "feature",
        "tenant": "tenant_id",
        "team": "team",
        "cost_centre": "cost_centre",
        "model": "coalesce(models_used, 'no model')",
        "key": "api_key_id",
    }) }}
{%- endmacro %}

{#- Those of them by which bills charge tasks: none says which models and keys worked together. -#}
{% macro dimensions_of_bills() -%}
    {{ return(["task_type", "feature", "tenant", "team", "cost_centre"]) }}
{%- endmacro %}

{#-
    Steps that give `models_of_tasks`: the models of a task's turns in one name, whatever became of
    the turns: up to three, in the order of the alphabet. A list a task would have to fit into
    memory all at once. Definition: DECISIONS.md, `models_used`.
-#}
{% macro models_of_tasks_steps(calls) -%}
numbered_models as (

    select
        task_id,
        model_id,
        row_number() over (partition by task_id order by model_id) as place
    from (
        select distinct task_id, coalesce(model_id, 'unknown') as model_id
        from {{ calls }}
        where is_model_turn
    ) as turns

),

models_of_tasks as (

    select
        task_id,
        case
            when max(place) > 3 then 'four models or more'
            else concat_ws(
                ' + ',
                max(case when place = 1 then model_id end),
                max(case when place = 2 then model_id end),
                max(case when place = 3 then model_id end)
            )
        end as models_used
    from numbered_models
    group by task_id

),
{%- endmacro %}

{#- The key of a task's calls; calls that name none, as those of tools, say nothing of it. -#}
{% macro key_used() -%}
    case when min(api_key_id) = max(api_key_id) then min(api_key_id)
        when min(api_key_id) is not null then 'several keys' end
{%- endmacro %}
