{#- What tasks of each prompt version cost, beside the version before it, and what prompts hold. -#}
{{ config(materialized="view") }}

{%- set measures = {
    "cost_per_success_usd": "cost_per_success",
    "input_tokens_per_call_ratio": "input_tokens_per_call",
    "cache_read_ratio": "cache_read",
} %}

with summed as (

    select
        feature,
        prompt_version,
        min(closed_date) as first_closed_date,
        max(closed_date) as last_closed_date,
        sum(tasks) as tasks,
        sum(successes) as successes,
        sum(calls) filter (where cost_kind = 'model') as model_calls,
        sum(calls - cached_calls - unpriced_calls) filter (where cost_kind = 'model')
            as priced_calls,
        sum({{ token_classes("input") | join("_tokens + ") }}_tokens) as input_tokens,
        sum(cache_read_tokens) as cache_read_tokens,
        sum(output_tokens + output_audio_tokens) as output_tokens,
        sum(estimate_usd) as estimate_usd,
        {% for column in ["unpriced_calls", "composed_calls", "composed_input_tokens",
            "tool_schema_tokens", "system_tokens", "missed_prefix_tokens",
            "uncalled_schema_tokens"] -%}
        sum({{ column }}) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref("fct_task_costs_daily") }}
    where prompt_version <> 'unattributed'
    group by feature, prompt_version

),

measured as (

    select
        *,
        {{ usd_per("estimate_usd", "successes") }} as cost_per_success_usd,
        {{ ratio("input_tokens", "priced_calls") }} as input_tokens_per_call_ratio,
        {{ ratio("output_tokens", "priced_calls") }} as output_tokens_per_call_ratio,
        {{ ratio("cache_read_tokens", "input_tokens") }} as cache_read_ratio,
        lag(prompt_version) over before as previous_version
    from summed
    window before as (partition by feature order by first_closed_date, prompt_version)

),

slimmed as (

    select
        feature,
        prompt_version,
        {{ as_count("sum(saved_tokens)") }} as saved_tokens,
        {% for bound, name in {"": "prompt_slimming", "_low": "low_slimming",
            "_high": "high_slimming"}.items() -%}
        {{ sum_usd(name) }} as saved{{ bound }}_usd{{ "," if not loop.last }}
        {% endfor %}
    from ({{ slimming_by_version(ref("fct_task_costs_daily")) }}) as versions
    group by feature, prompt_version

),

final as (

    select
        measured.feature,
        measured.prompt_version,
        measured.previous_version,
        measured.first_closed_date,
        measured.last_closed_date,
        {{ as_count("measured.tasks") }} as tasks,
        {{ as_count("measured.successes") }} as successes,
        {{ ratio("measured.successes", "measured.tasks") }} as success_ratio,
        {{ ratio("measured.model_calls", "measured.tasks") }} as calls_per_task_ratio,
        measured.input_tokens_per_call_ratio,
        measured.output_tokens_per_call_ratio,
        measured.cache_read_ratio,
        cast(measured.estimate_usd as decimal(28, 9)) as estimate_usd,
        measured.cost_per_success_usd,
        {% for measure, name in measures.items() -%}
        {{ ratio("measured." ~ measure ~ " - previous." ~ measure, "previous." ~ measure) }}
            as {{ name }}_change_ratio,
        {% endfor -%}
        slimmed.saved_tokens,
        slimmed.saved_usd,
        slimmed.saved_low_usd,
        slimmed.saved_high_usd,
        {{ ratio("measured.tool_schema_tokens + measured.system_tokens",
            "measured.composed_input_tokens") }} as static_ratio,
        {{ ratio("measured.missed_prefix_tokens",
            "measured.tool_schema_tokens + measured.system_tokens") }} as missed_prefix_ratio,
        {{ ratio("measured.uncalled_schema_tokens", "measured.tool_schema_tokens") }}
            as uncalled_schema_ratio,
        {% for column in ["uncalled_schema_tokens", "missed_prefix_tokens", "composed_calls",
            "unpriced_calls"] -%}
        {{ as_count("measured." ~ column) }} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from measured
    left join measured as previous
        on measured.feature = previous.feature
        and measured.previous_version = previous.prompt_version
    left join slimmed
        on measured.feature = slimmed.feature and measured.prompt_version = slimmed.prompt_version

)

select * from final
