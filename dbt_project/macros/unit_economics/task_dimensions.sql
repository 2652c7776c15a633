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
    The models of a task's turns in one name, whatever became of the turns: up to three, in the
    order of the alphabet. Definition: DECISIONS.md, `models_used`.
-#}
{% macro models_used() -%}
    {%- set models = "list(distinct coalesce(model_id, 'unknown')) filter (where is_model_turn)" -%}
    case
        when len({{ models }}) > 3 then 'four models or more'
        else array_to_string(list_sort({{ models }}), ' + ')
    end
{%- endmacro %}

{#- The key of a task's calls; calls that name none, as those of tools, say nothing of it. -#}
{% macro key_used() -%}
    case when min(api_key_id) = max(api_key_id) then min(api_key_id)
        when min(api_key_id) is not null then 'several keys' end
{%- endmacro %}
