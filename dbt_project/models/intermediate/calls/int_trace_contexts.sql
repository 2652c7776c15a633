{#-
    What each span of a trace has, itself or from above. From the roots down, so a ring of parents
    is never entered: a span that no root reaches has what it states itself.
-#}

{%- set columns = inherited_columns() %}
{%- set counts = "coalesce(parent.input_tokens, parent.output_tokens) is not null" %}
{%- set deepest = 64 %}{# levels that are followed; real agents nest less than twenty #}

with recursive nodes as (

    select
        *,
        coalesce(span_id, '') as node
    from {{ ref("int_trace_nodes") }}

),

down as (

    select
        wanted_by,
        wanted_day,
        source_name,
        trace_id,
        node,
        utc_day,
        operation,
        tool_name,
        {{ columns | join(", ") }},
        {{ stated_by(kind_of_span()) }}
        cast(null as varchar) as caller,
        cast(null as varchar) as same_call,
        input_tokens,
        output_tokens,
        cast(null as varchar) as counted_above,
        0 as counted_levels,
        1 as depth
    from nodes
    where above is null
    union all
    select
        child.wanted_by,
        child.wanted_day,
        child.source_name,
        child.trace_id,
        child.node,
        child.utc_day,
        child.operation,
        child.tool_name,
        {% for column in columns -%}
        {{ nearest(column, "child", "parent") }} as {{ column }},
        {% endfor -%}
        {{ stated_by(kind_of_span("child"), "child", "parent") }}
        case
            when parent.operation is null then parent.caller
            else coalesce(parent.same_call, parent.node)
        end as caller,
        -- the client's and the server's side of one tool call
        case
            when child.operation = 'execute_tool' and parent.operation = 'execute_tool'
                and child.tool_name = parent.tool_name
                and child.utc_day = parent.utc_day
                then coalesce(parent.same_call, parent.node)
        end as same_call,
        child.input_tokens,
        child.output_tokens,
        -- the nearest above that states usage, and how many do
        case when {{ counts }} then parent.node else parent.counted_above end as counted_above,
        parent.counted_levels + case when {{ counts }} then 1 else 0 end as counted_levels,
        parent.depth + 1 as depth
    from down as parent
    inner join nodes as child
        on parent.wanted_by = child.wanted_by
        and parent.wanted_day = child.wanted_day
        and parent.source_name = child.source_name
        and parent.trace_id = child.trace_id
        and parent.node = child.above
    where parent.depth < {{ deepest }}

),

final as (

    select
        nodes.wanted_by,
        nodes.wanted_day,
        nodes.source_name,
        nodes.trace_id,
        nodes.span_id,
        nodes.utc_day,
        {% for column in columns -%}
        case when down.node is null then nodes.{{ column }} else down.{{ column }} end
            as {{ column }},
        {% endfor -%}
        {{ stated_by("'call'", "nodes", "down") }}
        down.caller,
        down.same_call,
        nodes.operation,
        nodes.started_at,
        nodes.ended_at,
        nodes.input_tokens,
        nodes.output_tokens,
        down.counted_above,
        coalesce(down.counted_levels, 0) as counted_levels
    from nodes
    left join down
        on nodes.wanted_by = down.wanted_by
        and nodes.wanted_day = down.wanted_day
        and nodes.source_name = down.source_name
        and nodes.trace_id = down.trace_id
        and nodes.node = down.node
    -- of a call only what the calls of its own day need, and usage that may hold, or lie in, theirs
    where nodes.wanted_by = 'evaluation'
        or nodes.utc_day = nodes.wanted_day
        or {{ counts | replace("parent.", "nodes.") }}

)

select * from final
