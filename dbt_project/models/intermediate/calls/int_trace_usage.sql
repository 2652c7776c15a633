{#-
    Spans that state usage and hold others that do, for the calls of a day: what of theirs the spans
    below state again, and which call counts instead. From the leaves up, a level at a time.
    Definition: DECISIONS.md, `One call, one row`.
-#}

-- spans with usage inside each other that are followed; instruments nest two or three
{%- set deepest = 6 %}

with counted as (

    select
        wanted_day,
        source_name,
        trace_id,
        span_id as node,
        utc_day,
        started_at,
        ended_at,
        counted_above,
        least(counted_levels, {{ deepest }}) as counted_levels,
        case
            when {{ is_model_turn() }} then 'chat'
            else coalesce(operation, 'other')
        end as kind,
        operation is not null as is_call,
        coalesce(input_tokens, 0) as input_tokens,
        coalesce(output_tokens, 0) as output_tokens
    from {{ ref("int_trace_contexts") }}
    where wanted_by = 'call'
        and span_id is not null
        and coalesce(input_tokens, output_tokens) is not null

),

nesting as (

    select distinct wanted_day, source_name, trace_id
    from counted
    where counted_above is not null

),

spans as (

    select counted.*
    from counted
    semi join nesting
        on counted.wanted_day = nesting.wanted_day
        and counted.source_name = nesting.source_name
        and counted.trace_id = nesting.trace_id

),

-- below the deepest level that is followed
no_level as (

    select
        *,
        input_tokens as input_total,
        output_tokens as output_total,
        1 as calls,
        node as kept_node,
        utc_day as kept_day
    from spans
    where false

),

{% for level in range(deepest, -1, -1) -%}
{{ held_usage(level, deepest) }}

{{ counted_usage(level) }}

{% endfor -%}
final as (

    {% for level in range(deepest + 1) -%}
    select
        wanted_day,
        source_name,
        trace_id,
        node as span_id,
        counting,
        kept_day,
        kept_node,
        held_calls,
        is_call,
        cast(greatest(input_tokens - held_input, 0) as bigint) as input_remainder,
        cast(greatest(output_tokens - held_output, 0) as bigint) as output_remainder
    from level_{{ level }}
    where counting <> 'own'
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select * from final
