{#- Calls as recorded, with what the spans above them state. -#}
{{ config(materialized="ephemeral") }}

with calls as (

    select * from {{ ref("stg_gateway__calls") }}

),

contexts as (

    select * from {{ ref("int_trace_contexts") }}
    where wanted_by = 'call' and span_id is not null

),

final as (

    select
        calls.* replace (
            {% for column in inherited_columns() if column != "task_id" -%}
            {{ nearest(column, "contexts", "calls") }} as {{ column }},
            {% endfor -%}
            -- a trace is a task where nobody names one: every record of it states its id
            coalesce(
                contexts.task_id,
                calls.task_id,
                case when contexts.span_id is not null then calls.trace_id end
            ) as task_id,
            coalesce(calls.parent_call_id, contexts.caller) as parent_call_id
        ),
        contexts.same_call
    from calls
    left join contexts
        on calls.utc_day = contexts.wanted_day
        and calls.source_name = contexts.source_name
        and calls.call_id = contexts.span_id

)

select * from final
