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

{% for level in range(deepest, -1, -1) -%}
-- what spans inside those of this level state
held_{{ level }} as (

    {% if level < deepest -%}
    select
        parent.wanted_day,
        parent.source_name,
        parent.trace_id,
        parent.node,
        sum(child.input_total) as held_input,
        sum(child.output_total) as held_output,
        sum(child.calls) as held_calls,
        min(struct_pack(at := child.started_at, day := child.kept_day, node := child.kept_node))
            as first_call
    from spans as parent
    inner join level_{{ level + 1 }} as child
        on parent.wanted_day = child.wanted_day
        and parent.source_name = child.source_name
        and parent.trace_id = child.trace_id
        and parent.node = child.counted_above
        -- what begins when the span has ended is none of its parts
        and child.started_at >= parent.started_at
        and (parent.ended_at is null or child.started_at <= parent.ended_at)
        and (
            parent.kind = child.kind
            or parent.kind in ('invoke_agent', 'execute_tool', 'other')
            or child.kind in ('invoke_agent', 'execute_tool', 'other')
        )
    where parent.counted_levels = {{ level }}
    group by parent.wanted_day, parent.source_name, parent.trace_id, parent.node
    {%- else -%}
    select
        wanted_day,
        source_name,
        trace_id,
        node,
        cast(null as bigint) as held_input,
        cast(null as bigint) as held_output,
        cast(null as bigint) as held_calls,
        struct_pack(at := started_at, day := utc_day, node := node) as first_call
    from spans
    where false
    {%- endif %}

),

marked_{{ level }} as (

    select
        spans.*,
        held.held_input,
        held.held_output,
        held.held_calls,
        held.first_call,
        case
            when held.node is null then 'own'
            -- a tool was called, whatever its span states of the models that it called
            when spans.kind = 'execute_tool' then 'remainder'
            when spans.kind = 'invoke_agent'
                and (
                    spans.input_tokens > held.held_input
                    or spans.output_tokens > held.held_output
                )
                then 'remainder'
            when spans.kind = 'invoke_agent' then 'restated'
            when spans.input_tokens = held.held_input and spans.output_tokens = held.held_output
                then 'restated'
            else 'own'
        end as counting
    from spans
    left join held_{{ level }} as held
        on spans.wanted_day = held.wanted_day
        and spans.source_name = held.source_name
        and spans.trace_id = held.trace_id
        and spans.node = held.node
    where spans.counted_levels = {{ level }}

),

level_{{ level }} as (

    select
        *,
        case counting
            when 'restated' then held_input
            when 'remainder' then greatest(input_tokens, held_input)
            else input_tokens + coalesce(held_input, 0)
        end as input_total,
        case counting
            when 'restated' then held_output
            when 'remainder' then greatest(output_tokens, held_output)
            else output_tokens + coalesce(held_output, 0)
        end as output_total,
        coalesce(held_calls, 0) + case when counting = 'restated' then 0 else 1 end as calls,
        case when counting = 'restated' then first_call.node else node end as kept_node,
        case when counting = 'restated' then first_call.day else utc_day end as kept_day
    from marked_{{ level }}

),

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
