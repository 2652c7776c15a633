{{ config(materialized="ephemeral") }}

{%- set usage = usage_columns() %}
{%- set given = taken_over_columns() + (stated_by_columns().values() | list) %}

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

-- what the dropped records of a call know and the kept one may not; a sum of calls is none of them
others as (

    select
        repeated.kept_utc_day as utc_day,
        repeated.kept_source_name as source_name,
        repeated.kept_call_id as call_id,
        {% for column in given -%}
        arg_min(numbered.{{ column }}, repeated.source_rank)
            filter (where numbered.{{ column }} is not null and is_one_call) as {{ column }},
        {% endfor -%}
        {% for column in usage -%}
        arg_min(numbered.{{ column }}, repeated.source_rank)
            filter (where {{ has_usage("numbered") }} and is_one_call) as {{ column }},
        {% endfor -%}
        arg_min(numbered.status, repeated.source_rank)
            filter (where {{ has_usage("numbered") }} and is_one_call) as status,
        sum(numbered.copies) as copies
    from (select *, rule <> 'restated usage' as is_one_call from repeated) as repeated
    inner join numbered
        on repeated.utc_day = numbered.utc_day
        and repeated.source_name = numbered.source_name
        and repeated.call_id = numbered.call_id
        and numbered.copy_number = 1
    group by all

),

final as (

    select
        calls.* exclude (
            copy_number, is_restated, restated_day, restated_call, restates_one_call
        ) replace (
            calls.copies + coalesce(others.copies, 0) as copies,
            {% for column in given -%}
            {% if column == "parent_call_id" -%}
            -- a record inside the call names the call itself as what caused it
            nullif(coalesce(calls.parent_call_id, others.parent_call_id), calls.call_id)
                as parent_call_id,
            {% else -%}
            coalesce(calls.{{ column }}, others.{{ column }}) as {{ column }},
            {% endif -%}
            {% endfor -%}
            {% for column in usage -%}
            case when {{ has_usage("calls") }} then calls.{{ column }} else others.{{ column }} end
                as {{ column }},
            {% endfor -%}
            -- a record that saw no usage may have seen no end either
            case
                when not {{ has_usage("calls") }} and calls.status = 'aborted'
                    then coalesce(others.status, calls.status)
                else calls.status
            end as status
        )
    from calls
    left join others
        on calls.utc_day = others.utc_day
        and calls.source_name = others.source_name
        and calls.call_id = others.call_id

)

select * from final
