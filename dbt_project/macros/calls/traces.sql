{#- Columns that go down a trace, from a span to the calls below it: `INHERITED` of ingest. -#}
{% macro inherited_columns() -%}
    {{ return([
        "session_id", "task_id", "agent_name", "tenant_id", "feature", "task_type",
        "prompt_version", "user_id", "api_key_id", "team", "environment", "traffic_class",
        "experiment", "variant", "region", "labels",
    ]) }}
{%- endmacro %}

{#- Columns of who pays, and of who said so: the call itself, or what kind of span above it. -#}
{% macro stated_by_columns() -%}
    {{ return({"feature": "feature_stated_by", "tenant_id": "tenant_stated_by"}) }}
{%- endmacro %}

{#- Those columns of a span: `own` where it states them itself, else as those above have them. -#}
{% macro stated_by(own, inner=none, outer=none) -%}
    {%- for column, name in stated_by_columns().items() -%}
    case when {{ inner ~ "." if inner }}{{ column }} is not null then {{ own }}
        {%- if outer %} else {{ outer }}.{{ name }}{% endif %} end as {{ name }},
    {% endfor -%}
{%- endmacro %}

{#- Of a call: what neither it nor a span above says, the resource does that sent them all. -#}
{% macro stated_by_call(contexts, calls) -%}
    {%- for column, name in stated_by_columns().items() -%}
    case
        when {{ contexts }}.{{ column }} is not null then {{ contexts }}.{{ name }}
        when {{ calls }}.{{ column }} is null then null
        when {{ contexts }}.span_id is not null then 'resource'
        else 'call'
    end as {{ name }},
    {% endfor -%}
{%- endmacro %}

{#- What a span is to the calls below it: an agent, any other span, or the trace itself. -#}
{% macro kind_of_span(span=none) -%}
    {%- set of = span ~ "." if span else "" -%}
    case when {{ of }}node = '' then 'trace'
        when {{ of }}agent_name is not null then 'agent' else 'span' end
{%- endmacro %}

{#- An inherited column: the nearer one counts; labels are joined, name by name. -#}
{% macro nearest(column, inner, outer) -%}
    {%- set near, far = inner ~ "." ~ column, outer ~ "." ~ column -%}
    {%- if column != "labels" -%}
        coalesce({{ near }}, {{ far }})
    {%- else -%}
        case
            when {{ near }} is null or {{ far }} is null then coalesce({{ near }}, {{ far }})
            else cast(
                json_merge_patch(cast({{ far }} as json), cast({{ near }} as json)) as varchar
            )
        end
    {%- endif -%}
{%- endmacro %}

{#-
    Predicate: the row's day is near enough to a day of this run for its trace to reach it.
    `tables` says whose days: {table: the column of the run's context with the days before}.
-#}
{% macro in_reach_of_changed_days(tables) -%}
    {%- if not execute or not built_before("marts", "fct_calls") -%}
        true
    {%- else -%}
        {%- set query -%}
            {% for table, days in tables.items() -%}
            select unnest(generate_series(
                changed.utc_day - run.{{ days }} - 1,
                changed.utc_day + run.skew_days + 1,
                interval 1 day
            ))::date as utc_day
            from {{ source("raw", "changed_days") }} as changed
            cross join {{ source("raw", "run_context") }} as run
            where changed.table_name = '{{ table }}'
            {{ "union" if not loop.last }}
            {% endfor -%}
            order by 1
        {%- endset -%}
        {{ in_days(day_literals(query), "utc_day") }}
    {%- endif -%}
{%- endmacro %}
