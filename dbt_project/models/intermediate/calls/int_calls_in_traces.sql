{#- Calls as recorded, with what the spans above state and without what those below repeat. -#}
{{ config(materialized="ephemeral") }}

{%- set counts = [] -%}
{%- for c in token_classes() -%}
    {%- do counts.append(c ~ "_tokens") -%}
    {%- for part in token_parts(c) -%}{%- do counts.append(part ~ "_tokens") -%}{%- endfor -%}
{%- endfor -%}
{%- do counts.extend(["reasoning_tokens", "unclassified_tokens"]) %}
with calls as (

    select * from {{ ref("stg_gateway__calls") }}

),

contexts as (

    select * from {{ ref("int_trace_contexts") }}
    where wanted_by = 'call' and span_id is not null

),

usage as (

    select * from {{ ref("int_trace_usage") }}

),

-- spans that are no calls, for the calls below state all of them: who called those is further up
passed_over as (

    select
        usage.wanted_day,
        usage.source_name,
        usage.span_id,
        contexts.caller
    from usage
    inner join contexts
        on usage.wanted_day = contexts.wanted_day
        and usage.source_name = contexts.source_name
        and usage.span_id = contexts.span_id
    where usage.counting = 'restated'

),

in_traces as (

    select
        calls.* replace (
            {% for column in inherited_columns() if column != "task_id" -%}
            {{ nearest(column, "contexts", "calls") }} as {{ column }},
            {% endfor -%}
            {% for column in counts -%}
            {%- set remainder = {
                "input_uncached_tokens": "usage.input_remainder",
                "output_tokens": "usage.output_remainder",
            }.get(column, "null") -%}
            case when usage.counting = 'remainder' then {{ remainder }} else calls.{{ column }} end
                as {{ column }},
            {% endfor -%}
            -- the cost that it states is that of the whole
            {% for column, cost in {"reported_cost": "calls.reported_cost",
                "reported_cost_usd": reported_in_usd("calls", "rates")}.items() -%}
            case when usage.counting is distinct from 'remainder' then {{ cost }} end
                as {{ column }},
            {% endfor -%}
            coalesce(usage.counting = 'remainder', calls.is_usage_estimated) as is_usage_estimated,
            -- a trace is a task where nobody names one: every record of it states its id
            coalesce(
                contexts.task_id,
                calls.task_id,
                case when contexts.span_id is not null then calls.trace_id end
            ) as task_id,
            coalesce(calls.parent_call_id, contexts.caller) as parent_call_id
        ),
        {{ stated_by_call("contexts", "calls") }}
        contexts.same_call,
        usage.counting = 'restated' as is_restated,
        usage.kept_day as restated_day,
        usage.kept_node as restated_call,
        usage.held_calls = 1 as restates_one_call
    from calls
    left join {{ ref("stg_fx__rates") }} as rates
        on calls.reported_currency = rates.currency and calls.utc_day = rates.day
    left join contexts
        on calls.utc_day = contexts.wanted_day
        and calls.source_name = contexts.source_name
        and calls.call_id = contexts.span_id
    left join usage
        on calls.utc_day = usage.wanted_day
        and calls.source_name = usage.source_name
        and calls.call_id = usage.span_id

),

final as (

    select
        in_traces.* replace (
            case
                when near.span_id is null then in_traces.parent_call_id
                when far.span_id is null then near.caller
                else far.caller
            end as parent_call_id
        )
    from in_traces
    left join passed_over as near
        on in_traces.utc_day = near.wanted_day
        and in_traces.source_name = near.source_name
        and in_traces.parent_call_id = near.span_id
    left join passed_over as far
        on near.wanted_day = far.wanted_day
        and near.source_name = far.source_name
        and near.caller = far.span_id

)

select * from final
