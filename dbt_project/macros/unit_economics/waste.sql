{#-
    What bought no success, in parts: each dollar is in one, the first that fits in this order.
    Definitions: DECISIONS.md, `waste_usd`.
-#}
{% macro waste_parts() -%}
    {{ return(["judged_neutral", "abandoned", "failed", "retried", "duplicate", "superseded"]) }}
{%- endmacro %}

{#- Of parts that are whole tasks, which: of any other part only some attempts are. -#}
{% macro wasted_tasks() -%}
    {{ return({
        "judged_neutral": "status = 'neutral'",
        "abandoned": "status = 'failure' and coalesce(is_abandoned, false)",
        "failed": "status = 'failure' and not coalesce(is_abandoned, false)",
    }) }}
{%- endmacro %}

{#- One part of a task's cost; NULL where it has none of it, or its cost is unknown. -#}
{% macro waste_of_task(part) -%}
    {%- set attempts = {
        "abandoned": "aborted_attempts_usd",
        "retried": "failed_attempts_usd - aborted_attempts_usd",
        "duplicate": "duplicate_attempts_usd",
        "superseded": "superseded_attempts_usd",
    } -%}
    case
        {%- if part in wasted_tasks() %}
        when {{ wasted_tasks()[part] }} then cost_usd
        {%- endif %}
        {%- if part in attempts %}
        when status = 'success' then nullif({{ attempts[part] }}, 0)
        {%- endif %}
    end
{%- endmacro %}

{#- How many tasks have some of a part, those of unknown cost among them. -#}
{% macro count_of_waste(part) -%}
    count(*) filter (
        where {{ part }}_usd is not null
        {%- if part in wasted_tasks() %} or ({{ wasted_tasks()[part] }}){% endif -%}
    )
{%- endmacro %}

{#-
    Whether a call answers a request that an earlier call of its task had answered: the first
    answer is the one that counts.
-#}
{% macro is_duplicate_answer() -%}
    status = 'ok' and row_number() over (
        partition by task_id, request_id, operation, tool_name, cost_scope, status
        order by started_at, source_name, call_id
    ) > 1
{%- endmacro %}
