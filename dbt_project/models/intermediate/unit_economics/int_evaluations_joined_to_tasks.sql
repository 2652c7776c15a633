{#- Evaluations of the days of this run, each with the task that it is about. -#}
{{ config(materialized="ephemeral") }}

{%- set taken = ["task_id", "task_type", "tenant_id", "feature", "variant"] %}

with evaluations as (

    select * from {{ ref("int_evaluations_joined_to_spans") }}

),

contexts as (

    select * from {{ ref("int_trace_contexts") }}
    where wanted_by = 'evaluation'

),

spans as (

    select * from contexts
    where span_id is not null

),

-- what is about no span that is known is about the trace
traces as (

    select
        source_name,
        wanted_day,
        trace_id,
        {% for column in taken -%}
        min({{ column }}) as {{ column }}
        {{- "," if not loop.last }}
        {% endfor %}
    from contexts
    group by source_name, wanted_day, trace_id

),

final as (

    select
        evaluations.* replace (
            {% for column in taken -%}
            {% set own = "evaluations." ~ column -%}
            {% set found = "case when spans.span_id is null then traces." ~ column
                ~ " else spans." ~ column ~ " end" -%}
            {% if column == "task_id" -%}
            coalesce({{ found }}, {{ own }}) as {{ column }}
            {%- else -%}
            coalesce({{ own }}, {{ found }}) as {{ column }}
            {%- endif -%}
            {{ "," if not loop.last }}
            {% endfor %}
        )
    from evaluations
    left join spans
        on evaluations.source_name = spans.source_name
        and evaluations.utc_day = spans.wanted_day
        and evaluations.span_id = spans.span_id
    left join traces
        on evaluations.source_name = traces.source_name
        and evaluations.utc_day = traces.wanted_day
        and evaluations.trace_id = traces.trace_id

)

select * from final
