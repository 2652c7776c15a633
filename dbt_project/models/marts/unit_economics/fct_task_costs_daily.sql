{#- What closed tasks cost by model, token class and tool: unit economics read it, never calls. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_to_rebuild('closed_date') }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

{%- set classes = token_classes() %}
{%- set cohort =
    ["closed_date", "task_type", "feature", "tenant_id", "prompt_version", "team_tag"] %}
{%- set counts = [
    "tasks", "successes", "calls", "cached_calls", "unpriced_calls", "composed_calls",
    "composed_input_tokens", "tool_schema_tokens", "system_tokens", "missed_prefix_tokens",
    "uncalled_schema_tokens", "cache_writes", "logged_bytes", "unlogged_calls", "human_tasks",
] %}

with calls as (

    select *, bool_or(operation = 'execute_tool') over (partition by task_id) as calls_tools
    from {{ ref("int_closed_task_calls") }}

),

counted as (

    select
        closed_date,
        {% for column in cohort[1:-1] -%}
        coalesce({{ column }}, 'unattributed') as {{ column }},
        {% endfor -%}
        team_tag,
        'task' as cost_kind,
        count(*) as tasks,
        count(*) filter (where status = 'success') as successes,
        count(human_usd) as human_tasks,
        sum(human_minutes) filter (where human_usd is not null) as human_minutes,
        sum(human_usd) as human_usd
    from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_days_to_rebuild() }}
    group by all

),

used as (

    select
        {{ cohort | join(", ") }},
        {{ month_of("utc_day") }} as charge_month,
        case when is_tool then 'tool' else 'model' end as cost_kind,
        case when not is_tool then coalesce(model_id, 'unknown') end as model_id,
        case when is_tool then coalesce(tool_name, response_model, request_model, 'unknown') end
            as tool_name,
        {{ prompt_composition() }},
        {{ call_writes() }},
        count(*) as calls,
        count(*) filter (where cached_hit) as cached_calls,
        count(*) filter (where is_unpriced) as unpriced_calls,
        {% for c in classes -%}
        sum({{ c }}_tokens) filter (where is_priced) as {{ c }}_tokens,
        sum({{ c }}_usd) as {{ c }}_usd,
        {% endfor -%}
        sum(case when is_tool then estimate_usd else tokens_usd end) as estimate_usd
    from calls
    group by all

),

-- what a model's answer costs beside its tokens is a tool that the provider runs
searched as (

    select
        {{ cohort | join(", ") }},
        {{ month_of("utc_day") }} as charge_month,
        'tool' as cost_kind,
        'web_search' as tool_name,
        sum(web_searches) as calls,
        sum(web_searches) as unlogged_calls,
        sum(estimate_usd - tokens_usd) as estimate_usd
    from calls
    where web_searches > 0 and is_priced and not is_tool
    group by all

),

parts as (

    select * from counted
    union all by name
    select * from used
    union all by name
    select * from searched

),

final as (

    select
        {{ cohort | join(", ") }}, charge_month, cost_kind, model_id, tool_name,
        {% for column in counts -%}
        {{ as_count("coalesce(sum(" ~ column ~ "), 0)") }} as {{ column }},
        {% endfor -%}
        cast(coalesce(sum(human_minutes), 0) as decimal(28, 9)) as human_minutes,
        {{ sum_usd("coalesce(human_usd, 0)") }} as human_usd,
        {% for c in classes -%}
        {{ as_count("coalesce(sum(" ~ c ~ "_tokens), 0)") }} as {{ c }}_tokens,
        {{ sum_usd("coalesce(" ~ c ~ "_usd, 0)") }} as {{ c }}_usd,
        {% endfor -%}
        {{ sum_usd("coalesce(estimate_usd, 0)") }} as estimate_usd
    from parts
    group by all

)

select * from final
