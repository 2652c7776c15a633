{#- The calls of the touched tasks, summed by task; those that judge or mirror it stand beside.
    Definition: DECISIONS.md, `cost_scope` and `Cost of quality`. -#}

{%- set attribution = ["task_type", "tenant_id", "feature", "team_tag", "experiment", "variant",
    "prompt_version"] %}
{%- set cost_bases = {"estimate": "estimate_usd", "reported": "reported_cost_usd"} %}

with calls as (

    select *, {{ is_duplicate_answer() }} as is_duplicate
    from {{ ref("fct_calls") }}
    where task_id in (select task_id from {{ ref("int_tasks_to_rebuild") }})
        and utc_day in (
            select utc_day from {{ ref("int_task_days") }} where table_name = 'gateway_calls'
        )

),

-- the days and what judged the task: of all its calls
judged as (

    select
        task_id,
        min(started_at) as first_call_at,
        max(coalesce(ended_at, started_at)) as ended_at,
        min(utc_day) as first_call_day,
        max(utc_day) as last_call_day,
        bool_and(cost_scope = 'evaluation') as is_only_judged,
        {{ as_count("count(*) filter (where cost_scope = 'evaluation')") }} as evaluation_calls,
        {% for basis, usd in cost_bases.items() -%}
        {{ sum_usd("case when cost_scope = 'evaluation' then " ~ usd ~ " end") }}
            as evaluation_{{ basis }}_usd,
        {% endfor -%}
        {{ as_count("count(*) filter (where cost_scope = 'evaluation' and is_unpriced)") }}
            as unpriced_evaluation_calls,
        {{ as_count("count(*) filter (where cost_scope = 'evaluation'"
            ~ " and reported_cost_usd is null)") }} as unreported_evaluation_calls
    from calls
    group by task_id

),

-- by place: a key of texts would be kept once for each column of each task, all in memory
product_calls as (

    select *, row_number() over (partition by task_id order by started_at, call_id) as place
    from calls where cost_scope = 'product'

),

{{ models_of_tasks_steps("product_calls") }}

worked as (

    select
        task_id,
        -- a task's attribution is that of its first call that has one
        {% for column in attribution -%}
        arg_min({{ column }}, place) filter (where {{ column }} is not null) as {{ column }},
        {% endfor -%}
        {{ key_used() }} as api_key_id,
        min(started_at) as started_at,
        max(coalesce(ended_at, started_at)) as last_call_at,
        {{ as_count("count(*)") }} as calls,
        {{ as_count("count(*) filter (where is_model_turn)") }} as model_calls,
        {{ as_count(
            "sum(datediff('millisecond', started_at, ended_at)) filter (where is_model_turn)"
        ) }} as model_milliseconds,
        {% for status in ["error", "aborted"] -%}
        {{ as_count("count(*) filter (where status = '" ~ status ~ "')") }} as {{ status }}_calls,
        {% endfor -%}
        {{ as_count("count(distinct request_id) filter (where is_model_turn and status = 'ok')") }}
            as loop_depth,
        {{ as_count("count(*) filter (where is_cache_lookup)") }} as cache_lookups,
        {{ as_count("count(*) filter (where is_cache_lookup and cached_hit)") }} as cache_hits,
        {{ as_count("sum(billable_input_tokens)") }} as billable_input_tokens,
        {{ as_count("sum(billable_cache_read_tokens)") }} as billable_cache_read_tokens,
        {% for tier in ["small", "mid", "large"] -%}
        {{ as_count("count(*) filter (where is_model_turn and model_tier = '" ~ tier ~ "')") }}
            as {{ tier }}_model_calls,
        {% endfor -%}
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("reported_cost_usd") }} as reported_usd,
        -- of a client that leaves, the last attempt is cut off
        arg_max(status, place) = 'aborted' as is_abandoned,
        {% for basis, usd in cost_bases.items() -%}
        {{ sum_usd("case when status = 'ok' then 0 else " ~ usd ~ " end") }}
            as failed_attempts_{{ basis }}_usd,
        {{ sum_usd("case when status = 'aborted' then " ~ usd ~ " else 0 end") }}
            as aborted_{{ basis }}_usd,
        {{ sum_usd("case when is_duplicate then " ~ usd ~ " else 0 end") }}
            as duplicate_{{ basis }}_usd,
        {% endfor -%}
        {{ sum_usd("avoided_usd") }} as avoided_usd,
        {{ sum_usd("cache_saving_usd") }} as cache_saving_usd,
        {{ as_count("count(*) filter (where is_unpriced)") }} as unpriced_calls,
        {{ as_count("count(*) filter (where reported_cost_usd is null)") }} as unreported_calls
    from product_calls
    group by task_id

),

final as (

    select
        worked.* replace (
            judged.task_id as task_id,
            coalesce(worked.started_at, judged.first_call_at) as started_at,
            coalesce(worked.last_call_at, judged.ended_at) as last_call_at,
            coalesce(worked.calls, 0) as calls
        ),
        models_of_tasks.models_used,
        judged.* exclude (task_id, first_call_at, ended_at)
    from judged
    left join worked on judged.task_id = worked.task_id
    left join models_of_tasks on judged.task_id = models_of_tasks.task_id

)

select * from final
