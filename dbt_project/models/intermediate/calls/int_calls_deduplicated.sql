{{ config(materialized="ephemeral") }}

{%- set given = [
    "task_id", "session_id", "trace_id", "agent_name", "tool_name", "first_token_at",
    "provider_response_id", "tenant_id", "feature", "task_type", "prompt_version", "user_id",
    "api_key_id", "team", "environment", "traffic_class", "experiment", "variant", "region",
    "labels", "input_bytes", "output_bytes",
] %}

with numbered as (

    select * from {{ ref("int_calls_numbered") }}

),

repeated as (

    select * from {{ ref("int_calls_repeated") }}
    where {{ in_changed_days(["gateway_calls"], "fct_calls") }}
        or {{ in_changed_days(["gateway_calls"], "fct_calls", "kept_utc_day") }}

),

calls as (

    select numbered.*
    from numbered
    anti join repeated
        on numbered.utc_day = repeated.utc_day
        and numbered.source_name = repeated.source_name
        and numbered.call_id = repeated.call_id
    where numbered.copy_number = 1 and {{ in_changed_days(["gateway_calls"], "fct_calls") }}

),

-- what the dropped records of a call know and the kept one may not
others as (

    select
        repeated.kept_utc_day as utc_day,
        repeated.kept_source_name as source_name,
        repeated.kept_call_id as call_id,
        {% for column in given -%}
        arg_min(numbered.{{ column }}, repeated.source_rank)
            filter (where numbered.{{ column }} is not null) as {{ column }},
        {% endfor -%}
        sum(numbered.copies) as copies
    from repeated
    inner join numbered
        on repeated.utc_day = numbered.utc_day
        and repeated.source_name = numbered.source_name
        and repeated.call_id = numbered.call_id
        and numbered.copy_number = 1
    group by all

),

final as (

    select
        calls.* exclude (copy_number) replace (
            calls.copies + coalesce(others.copies, 0) as copies,
            {% for column in given -%}
            coalesce(calls.{{ column }}, others.{{ column }}) as {{ column }}
            {{- "," if not loop.last }}
            {% endfor %}
        )
    from calls
    left join others
        on calls.utc_day = others.utc_day
        and calls.source_name = others.source_name
        and calls.call_id = others.call_id

)

select * from final
