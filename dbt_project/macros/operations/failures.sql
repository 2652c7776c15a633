{#- Kinds of hops that a request goes through, as operations of calls. -#}
{% macro hop_kind(column="operation") -%}
    case
        when {{ is_model_turn(column) }} then 'model'
        when {{ column }} = 'embeddings' then 'embedding'
        when {{ column }} in ('retrieval', 'rerank') then 'retrieval'
        when {{ column }} = 'execute_tool' then 'tool'
        else 'other'
    end
{%- endmacro %}

{#-
    How an attempt failed, by its status code or the class of its error: who answered too late, who
    let nobody in (a rate limit, a budget), who dropped load. NULL of what was answered.
    Definition: DECISIONS.md, `timed_out, refused and shed`.
-#}
{% macro failure_kind() -%}
    {%- set kinds = {
        "timed_out": ([408, 504, 524], ["timeout", "timed_out", "timed out", "deadline"]),
        "refused": ([429], ["ratelimit", "rate_limit", "budget", "quota"]),
        "shed": ([503, 529], ["overload", "unavailable"]),
    } -%}
    case
        when status = 'ok' then null
        when status = 'aborted' then 'left'
        {% for kind, (codes, words) in kinds.items() -%}
        when http_status in ({{ codes | join(", ") }})
            {%- for word in words %}
            or error_type ilike '%{{ word }}%'
            {%- endfor %}
            then '{{ kind }}'
        {% endfor -%}
        else 'error'
    end
{%- endmacro %}

{#- Counts of attempts that operations state. -#}
{% macro call_counts() -%}
    {{ return([
        "calls", "error_calls", "timed_out_calls", "refused_calls", "shed_calls", "left_calls",
        "retries", "unpriced_calls",
    ]) }}
{%- endmacro %}

{#-
    Whether an attempt tries a request again: as its source states, or because the attempt of that
    request before it, on the same UTC day, failed.
-#}
{% macro is_retry() -%}
    coalesce(attempted_retries > 0, false)
    or request_id is not null and coalesce(lag(status) over (
        partition by utc_day, source_name, request_id, operation, tool_name
        order by started_at, call_id
    ) <> 'ok', false)
{%- endmacro %}
