{#-
    The traces that calls and evaluations of this run belong to: every span once, in its newest
    version, with the span above it. A call or evaluation sees the spans of some days around its own
    and no others: so what it takes from them is the same in every build.
-#}

with wanted as (

    select distinct 'call' as wanted_by, source_name, utc_day, trace_id -- many calls, one trace
    from {{ ref("stg_gateway__calls") }}
    where trace_id is not null
        and {{ in_changed_days_and_edges(["gateway_calls"], "fct_calls") }}
    union
    select 'evaluation' as wanted_by, source_name, utc_day, trace_id
    from {{ ref("int_evaluations_joined_to_spans") }}
    where trace_id is not null

),

spans as (

    select * from {{ ref("stg_gateway__spans") }}
    where {{ in_reach_of_changed_days({
        "gateway_calls": "call_days", "task_outcomes": "evaluated_days",
    }) }}

),

run as (

    select * from {{ ref("stg_lake__run_context") }}

),

near as (

    select
        wanted.wanted_by,
        wanted.utc_day as wanted_day,
        spans.* exclude (source_file, source_line, file_id)
    from wanted
    cross join run
    inner join spans
        on wanted.source_name = spans.source_name
        and wanted.trace_id = spans.trace_id
        and spans.utc_day >= wanted.utc_day
        - case wanted.wanted_by when 'call' then run.call_days else run.evaluated_days end
        and spans.utc_day <= wanted.utc_day + run.skew_days

),

-- a span that comes again counts in its newest version, an identifier used twice as the first span
nodes as (

    select *
    from near
    qualify row_number() over (
        partition by wanted_by, wanted_day, source_name, trace_id, span_id
        order by
            recorded_at desc nulls last,
            started_at asc,
            operation asc nulls last,
            {% for column in inherited_columns() -%}
            {{ column }} asc nulls last
            {{- "," if not loop.last }}
            {% endfor -%}
    ) = 1

),

{% set one_trace = "child.wanted_by = parent.wanted_by and child.wanted_day = parent.wanted_day"
    ~ " and child.source_name = parent.source_name and child.trace_id = parent.trace_id" -%}
final as (

    select
        child.*,
        -- what has no span above it has the trace itself, where that is recorded
        case
            when child.span_id is null then null
            else coalesce(parent.span_id, case when whole.trace_id is not null then '' end)
        end as above
    from nodes as child
    left join nodes as parent
        on {{ one_trace }} and child.parent_span_id = parent.span_id
    left join nodes as whole
        on {{ one_trace | replace("parent.", "whole.") }} and whole.span_id is null

)

select * from final
