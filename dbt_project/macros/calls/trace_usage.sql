{#-
    Steps of `int_trace_usage` for the spans of one level, that is with so many spans above them
    that state usage. First: what the spans right inside them state.
-#}
{% macro held_usage(level, deepest) -%}
held_{{ level }} as (

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
    inner join {{ "level_" ~ (level + 1) if level < deepest else "no_level" }} as child
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

),
{%- endmacro %}

{#- Then: what of each of them counts, and which call counts for it. -#}
{% macro counted_usage(level) -%}
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
        marked.*,
        {% for side in ["input", "output"] -%}
        case marked.counting
            when 'restated' then marked.held_{{ side }}
            when 'remainder' then greatest(marked.{{ side }}_tokens, marked.held_{{ side }})
            else marked.{{ side }}_tokens + coalesce(marked.held_{{ side }}, 0)
        end as {{ side }}_total,
        {% endfor -%}
        coalesce(marked.held_calls, 0)
        + case when marked.counting = 'restated' then 0 else 1 end as calls,
        case when marked.counting = 'restated' then marked.first_call.node else marked.node end
            as kept_node,
        case when marked.counting = 'restated' then marked.first_call.day else marked.utc_day end
            as kept_day
    from marked_{{ level }} as marked

),
{%- endmacro %}
